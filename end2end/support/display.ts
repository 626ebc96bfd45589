import { type Locator, type Page } from '@playwright/test';

import { type Language, textOf } from './messages.ts';

/** The display on the wall. */
export class Display {
  readonly preparing: Locator;
  readonly ready: Locator;

  constructor(
    readonly page: Page,
    readonly language: Language = 'en',
  ) {
    this.preparing = page.getByRole('region', { name: /^Preparing/ });
    this.ready = page.getByRole('region', { name: /^Ready/ });
  }

  /** The text of a message on this page. */
  text(name: string, places: Record<string, string | number> = {}): string {
    return textOf(this.language, name, places);
  }

  /** A number in a column of the display. */
  number(side: Locator, number: string): Locator {
    return side.getByRole('listitem').filter({ hasText: new RegExp(`^(New)?${number}$`) });
  }
}
