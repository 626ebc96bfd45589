import { type Locator, type Page, expect } from '@playwright/test';

import type { Rehearsal } from './rehearsal.ts';
import { type Language, say } from './words.ts';

/** A tablet behind the bar. */
export class Tablet {
  readonly upNext: Locator;
  readonly making: Locator;
  readonly ready: Locator;
  readonly ended: Locator;
  /** What was marked ready a moment ago and can be taken back. */
  readonly undo: Locator;
  /** Why the last tap had no effect. */
  readonly trouble: Locator;

  constructor(
    readonly page: Page,
    readonly server: Rehearsal,
    readonly name: string,
    readonly language: Language = 'en',
  ) {
    const region = (name: string) => page.getByRole('region', { name: begins(this.say(name)) });
    this.upNext = region('barista_lane_up_next');
    this.making = region('barista_lane_making');
    this.ready = region('barista_lane_ready');
    this.ended = region('barista_lane_ended');
    this.undo = region('barista_undo_label');
    this.trouble = page.getByRole('alert').filter({ hasText: /\S/ });
  }

  /** What the page says for a message. */
  say(name: string, places: Record<string, string | number> = {}): string {
    return say(this.language, name, places);
  }

  /** Opens the staff link, as its reader does once. */
  async signIn(): Promise<void> {
    await this.page.goto(this.server.addresses.staff);
    await this.page.getByLabel(this.say('common_sign_in_name')).fill(this.name);
    await this.page.getByRole('button', { name: this.say('common_sign_in'), exact: true }).click();
    await expect(this.upNext).toBeVisible();
  }

  /** The card of an order, wherever it is. */
  card(number: string, lane: Locator | Page = this.page): Locator {
    return lane.getByRole('listitem', {
      name: begins(this.say('barista_order'), `\\s+${number}\\s*,`),
    });
  }

  async tap(number: string, button: string): Promise<void> {
    await this.card(number).getByRole('button', { name: button, exact: true }).click();
  }

  /** Marks an order ready; the undo window has begun when this returns. */
  async finish(number: string): Promise<void> {
    await this.tap(number, this.say('barista_ready'));
    await expect(this.undo.getByText(this.say('barista_undo_text', { number }))).toBeVisible();
  }

  /** The headings of the cards in a lane: the number and the drink, from the top. */
  cards(lane: Locator): Locator {
    return lane.getByRole('heading', { level: 3 });
  }

  /** Opens what is seldom needed on a card. */
  async more(number: string): Promise<Locator> {
    const card = this.card(number);
    await card.locator('.more > summary').click();
    return card;
  }

  /** Opens a panel of the top bar by its class. */
  async open(panel: string): Promise<Locator> {
    await this.page.locator(`.${panel} > summary`).click();
    const opened = this.page.locator(`.${panel} > .panel`);
    await expect(opened).toBeVisible();
    return opened;
  }

  /** Gives a command past the page. */
  async post(command: string, fields: Record<string, string>) {
    return this.page.context().request.post(this.server.url(`/api/${command}`), {
      form: fields,
      headers: { accept: 'application/json' },
    });
  }
}

/** A pattern for what begins with these words and goes on like that. */
function begins(words: string, like = ''): RegExp {
  return new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${like}`, 'u');
}
