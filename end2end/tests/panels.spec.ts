import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

const PANELS = ['switch', 'walk-in', 'sold-out', 'past-panel', 'settings-panel', 'all-day', 'more'];

const open = (page: Page) => page.locator('details[open]');

/** The visible controls of the open panel that another element covers. */
function covered(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const control of document.querySelectorAll<HTMLElement>('details[open] > .panel :is(button, label, a)')) {
      const { left, top, width, height } = control.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + height / 2);
      if (width && at && !control.contains(at) && at.closest('.panel') !== control.closest('.panel')) {
        found.push(`${control.textContent}: ${at.outerHTML.slice(0, 80)}`);
      }
    }
    return found;
  });
}

test('only one panel is open, and nothing covers its controls', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.order('Latte');
  const tablet = await bar.tablet('Ana');
  await expect(tablet.card(await ada.called())).toBeVisible();
  for (const first of PANELS) {
    for (const second of PANELS.filter((each) => each !== first)) {
      await tablet.page.locator(`.${first} > summary`).evaluate((summary: HTMLElement) => summary.click());
      await expect(open(tablet.page)).toHaveClass(first);
      await tablet.page.locator(`.${second} > summary`).evaluate((summary: HTMLElement) => summary.click());
      await expect(open(tablet.page)).toHaveCount(1);
      await expect(open(tablet.page)).toHaveClass(second);
      expect(await covered(tablet.page), `${second} after ${first}`).toEqual([]);
      await tablet.page.keyboard.press('Escape');
      await expect(open(tablet.page)).toHaveCount(0);
    }
  }
});

test('a tap outside a panel closes it', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await tablet.open('sold-out');
  await tablet.page.locator('.clock').click();
  await expect(open(tablet.page)).toHaveCount(0);
});

test('a browser without exclusive details also keeps only one panel open', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await tablet.page.evaluate(() => document.querySelectorAll('details').forEach((each) => each.removeAttribute('name')));
  await tablet.open('sold-out');
  await tablet.page.locator('.settings-panel > summary').click();
  await expect(open(tablet.page)).toHaveCount(1);
  await expect(open(tablet.page)).toHaveClass('settings-panel');
});
