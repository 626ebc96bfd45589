import { type Locator, type Page, expect } from '@playwright/test';

import type { Rehearsal } from './rehearsal.ts';
import { type Language, say } from './words.ts';

/** A guest and their phone. */
export class Phone {
  /** Where the order stands, in large letters. */
  readonly headline: Locator;
  /** The sentence below it. */
  readonly sentence: Locator;
  /** The number that will be called. */
  readonly number: Locator;
  /** Why the last tap had no effect. */
  readonly trouble: Locator;

  constructor(
    readonly page: Page,
    readonly server: Rehearsal,
    readonly language: Language = 'en',
  ) {
    this.headline = page.getByRole('heading', { level: 1 });
    this.sentence = page.locator('.headline .sentence');
    this.number = page.locator('.headline .number');
    this.trouble = page.getByRole('alert').filter({ hasText: /\S/ });
  }

  /** What the page says for a message. */
  say(name: string, places: Record<string, string | number> = {}): string {
    return say(this.language, name, places);
  }

  /** The sheet of the drink that is being chosen. */
  get sheet(): Locator {
    return this.page.getByRole('dialog');
  }

  /** The chip of a modifier in the sheet, by the shop's own name of it. */
  chip(modifier: string): Locator {
    return this.sheet.locator('label.chip').filter({ has: this.page.locator(`input[value="${modifier}"]`) });
  }

  /** Opens the sheet of a drink; with a script running, that starts the order. */
  async choose(drink: string): Promise<Locator> {
    // By its address, since its name is in the reader's language.
    await this.page.locator(`a.drink[href="/?drink=${encodeURIComponent(drink)}"]`).click();
    await expect(this.sheet).toBeVisible();
    return this.sheet;
  }

  /** Chooses a drink with its modifiers and orders it. Returns the id of the order. */
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

  /** The id of the order whose page is open. */
  orderId(): string {
    return new URL(this.page.url()).pathname.replace('/orders/', '');
  }

  /** Waits until the page has come to life and hears of every change. */
  async live(): Promise<void> {
    await expect(this.page.locator('[data-line="live"]')).toBeAttached();
  }

  /** The number of the order, once it has one. */
  async called(): Promise<string> {
    await expect(this.number).toHaveText(/^\d+$/);
    return this.number.innerText();
  }

  async cancel(): Promise<void> {
    await this.page.getByRole('button', { name: this.say('order_cancel') }).click();
  }

  async collect(): Promise<void> {
    await this.page.getByRole('button', { name: this.say('order_collect') }).click();
  }

  /** Gives a command past the page, as someone would who tries what it allows. */
  async post(command: string, fields: Record<string, string>) {
    return this.page.context().request.post(this.server.url(`/api/${command}`), {
      form: fields,
      headers: { accept: 'application/json' },
    });
  }
}
