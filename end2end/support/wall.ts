import { type Locator, type Page } from '@playwright/test';

/** The screen on the wall. */
export class Wall {
  readonly preparing: Locator;
  readonly ready: Locator;

  constructor(readonly page: Page) {
    this.preparing = page.getByRole('region', { name: 'Preparing' });
    this.ready = page.getByRole('region', { name: 'Ready' });
  }
}
