import { type Locator, type Page, expect } from '@playwright/test';

import type { TestServer } from './test-server.ts';
import { type Language, textOf } from './messages.ts';

/** A guest with a phone. */
export class Phone {
  /** The headline with the stage of the order. */
  readonly headline: Locator;
  /** The sentence below the headline. */
  readonly sentence: Locator;
  /** The order number. */
  readonly number: Locator;
  /** The reason why the last tap had no effect. */
  readonly trouble: Locator;

  constructor(
    readonly page: Page,
    readonly server: TestServer,
    readonly language: Language = 'en',
  ) {
    this.headline = page.getByRole('heading', { level: 1 });
    this.sentence = page.locator('.headline .sentence');
    this.number = page.locator('.headline .number');
    this.trouble = page.getByRole('alert').filter({ hasText: /\S/ });
  }

  /** The text of a message on this page. */
  text(name: string, places: Record<string, string | number> = {}): string {
    return textOf(this.language, name, places);
  }

  /** The open sheet of a drink. */
  get sheet(): Locator {
    return this.page.getByRole('dialog');
  }

  /** The chip of a modifier in the sheet, by its name in the menu. */
  chip(modifier: string): Locator {
    return this.sheet.locator('label.chip').filter({ has: this.page.locator(`input[value="${modifier}"]`) });
  }

  /** Opens the sheet of a drink. With JavaScript this starts the order. */
  async choose(drink: string): Promise<Locator> {
    // By its URL, because its name is translated.
    await this.page.locator(`a.drink[href="/?drink=${encodeURIComponent(drink)}"]`).click();
    await expect(this.sheet).toBeVisible();
    return this.sheet;
  }

  /** Selects a drink with modifiers and orders it. Returns the order id. */
  async order(drink: string, modifiers: string[] = []): Promise<string> {
    const sheet = await this.choose(drink);
    for (const modifier of modifiers) {
      await this.chip(modifier).click();
    }
    await this.submit(sheet);
    return this.orderId();
  }

  async submit(sheet: Locator): Promise<void> {
    await sheet.locator('button[type="submit"]').click();
    await this.page.waitForURL('**/orders/*');
  }

  /** The order id of the open page. */
  orderId(): string {
    return new URL(this.page.url()).pathname.replace('/orders/', '');
  }

  /** Waits until the page is hydrated and live. */
  async live(): Promise<void> {
    await expect(this.page.locator('[data-line="live"]')).toBeAttached();
  }

  /** Waits for the number of the order. */
  async called(): Promise<string> {
    await expect(this.number).toHaveText(/^\d+$/);
    return this.number.innerText();
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: this.text('order_cancel') }).click();
  }

  async collect(): Promise<void> {
    await this.page.getByRole('button', { name: this.text('order_collect') }).click();
  }

  /** Sends a command without the page, like an attacker. */
  async post(command: string, fields: Record<string, string>) {
    return this.page.context().request.post(this.server.url(`/api/${command}`), {
      form: fields,
      headers: { accept: 'application/json' },
    });
  }
}
