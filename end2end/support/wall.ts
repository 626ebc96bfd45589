import { type Locator, type Page } from '@playwright/test';

/** The screen on the wall. */
export class Wall {
  readonly preparing: Locator;
  readonly ready: Locator;

  constructor(readonly page: Page) {
    this.preparing = page.getByRole('region', { name: /^Preparing/ });
    this.ready = page.getByRole('region', { name: /^Ready/ });
  }

  /** A number on one side of the board. */
  number(side: Locator, number: string): Locator {
    return side.getByRole('listitem').filter({ hasText: new RegExp(`^(New)?${number}$`) });
  }
}
