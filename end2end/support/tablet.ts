import { type Locator, type Page, expect } from '@playwright/test';

import type { Rehearsal } from './rehearsal.ts';

/** A tablet behind the bar. */
export class Tablet {
  readonly upNext: Locator;
  readonly making: Locator;
  readonly ready: Locator;
  readonly ended: Locator;
  /** Why the last tap had no effect. */
  readonly trouble: Locator;

  constructor(
    readonly page: Page,
    readonly server: Rehearsal,
    readonly name: string,
  ) {
    this.upNext = page.getByRole('region', { name: /^Up next/ });
    this.making = page.getByRole('region', { name: /^Making/ });
    this.ready = page.getByRole('region', { name: /^Ready to hand over/ });
    this.ended = page.getByRole('region', { name: /^Ended/ });
    this.trouble = page.getByRole('alert').filter({ hasText: /\S/ });
  }

  /** Opens the staff link, as its reader does once. */
  async signIn(): Promise<void> {
    await this.page.goto(this.server.addresses.staff);
    await expect(this.upNext).toBeVisible();
  }

  /** The card of an order, wherever it is. */
  card(number: string, lane: Locator | Page = this.page): Locator {
    return lane.getByRole('listitem').filter({ has: this.page.getByText(number, { exact: true }) });
  }

  async tap(number: string, button: string | RegExp): Promise<void> {
    await this.card(number).getByRole('button', { name: button }).click();
  }

  /** The numbers in a lane, from the top. */
  async numbers(lane: Locator): Promise<string[]> {
    return lane.getByRole('listitem').locator('.number').allInnerTexts();
  }

  /** Gives a command past the page. */
  async post(command: string, fields: Record<string, string>) {
    return this.page.context().request.post(this.server.url(`/api/${command}`), {
      form: fields,
      headers: { accept: 'application/json' },
    });
  }
}
