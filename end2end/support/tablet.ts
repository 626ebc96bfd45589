import { type Locator, type Page, expect } from '@playwright/test';

import type { TestServer } from './test-server.ts';
import { type Language, textOf } from './messages.ts';

/** A barista with a tablet. */
export class Tablet {
  readonly upNext: Locator;
  readonly making: Locator;
  readonly ready: Locator;
  readonly ended: Locator;
  /** The undo notice of orders that were just marked ready. */
  readonly undo: Locator;
  /** The reason why the last tap had no effect. */
  readonly trouble: Locator;

  constructor(
    readonly page: Page,
    readonly server: TestServer,
    readonly name: string,
    readonly language: Language = 'en',
  ) {
    const region = (name: string) => page.getByRole('region', { name: begins(this.text(name)) });
    this.upNext = region('barista_lane_up_next');
    this.making = region('barista_lane_making');
    this.ready = region('barista_lane_ready');
    this.ended = region('barista_lane_ended');
    this.undo = region('barista_undo_label');
    this.trouble = page.getByRole('alert').filter({ hasText: /\S/ });
  }

  /** The text of a message on this page. */
  text(name: string, places: Record<string, string | number> = {}): string {
    return textOf(this.language, name, places);
  }

  /** Opens the staff link and signs in. */
  async signIn(): Promise<void> {
    await this.page.goto(this.server.addresses.staff);
    await this.page.getByLabel(this.text('common_sign_in_name')).fill(this.name);
    await this.page.getByRole('button', { name: this.text('common_sign_in'), exact: true }).click();
    await expect(this.upNext).toBeVisible();
  }

  /** The card of an order in any lane. */
  card(number: string, lane: Locator | Page = this.page): Locator {
    return lane.getByRole('listitem', {
      name: begins(this.text('barista_order'), `\\s+${number}\\s*,`),
    });
  }

  async tap(number: string, button: string): Promise<void> {
    await this.card(number).getByRole('button', { name: button, exact: true }).click();
  }

  /** Marks an order ready. When this returns, the undo window has begun. */
  async finish(number: string): Promise<void> {
    await this.tap(number, this.text('barista_ready'));
    await expect(this.undo.getByText(this.text('barista_undo_text', { number }))).toBeVisible();
  }

  /** The headings of the cards in a lane, from the top: number and drink. */
  cards(lane: Locator): Locator {
    return lane.getByRole('heading', { level: 3 });
  }

  /** Opens the menu of a card. */
  async more(number: string): Promise<Locator> {
    const card = this.card(number);
    await card.locator('.more > summary').click();
    return card;
  }

  /** Opens a panel of the top bar by its CSS class. */
  async open(panel: string): Promise<Locator> {
    await this.page.locator(`.${panel} > summary`).click();
    const opened = this.page.locator(`.${panel} > .panel`);
    await expect(opened).toBeVisible();
    return opened;
  }

  /** Sends a command without the page. */
  async post(command: string, fields: Record<string, string>) {
    return this.page.context().request.post(this.server.url(`/api/${command}`), {
      form: fields,
      headers: { accept: 'application/json' },
    });
  }
}

/** A pattern that matches texts with this beginning. */
function begins(words: string, like = ''): RegExp {
  return new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${like}`, 'u');
}
