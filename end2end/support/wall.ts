import { type Locator, type Page } from '@playwright/test';

import { type Language, say } from './words.ts';

/** The screen on the wall. */
export class Wall {
  readonly preparing: Locator;
  readonly ready: Locator;

  constructor(
    readonly page: Page,
    readonly language: Language = 'en',
  ) {
    this.preparing = page.getByRole('region', { name: /^Preparing/ });
    this.ready = page.getByRole('region', { name: /^Ready/ });
  }

  /** What the page says for a message. */
  say(name: string, places: Record<string, string | number> = {}): string {
    return say(this.language, name, places);
  }

  /** A number on one side of the board. */
  number(side: Locator, number: string): Locator {
    return side.getByRole('listitem').filter({ hasText: new RegExp(`^(New)?${number}$`) });
  }
}
