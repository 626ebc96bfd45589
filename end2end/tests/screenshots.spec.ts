import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

/** Set to save the screenshots of the README: `KEEP_SCREENS=1 cargo xtask test browser --project screens`. */
const KEPT = process.env.KEEP_SCREENS ? join(import.meta.dirname, '../../docs/screens') : undefined;

test('screenshots of a busy bar', async ({ bar }, info) => {
  const picture = async (page: Page, name: string) => {
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(KEPT ?? info.outputDir, `${name}.png`), animations: 'disabled' });
  };
  await bar.server.lastNumber(987);
  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  await picture(display.page, 'wall-idle');

  const drinks: [string, string[]][] = [
    ['Flat White', ['Oat milk']],
    ['Espresso', []],
    ['Cappuccino', ['Large', 'Extra shot']],
    ['Latte', ['Almond milk', 'Vanilla syrup']],
    ['Mocha', []],
    ['Cortado', ['Oat milk', 'Decaf']],
    ['Americano', []],
  ];
  const guests = [];
  for (const [drink, modifiers] of drinks) {
    const guest = await bar.phone();
    await guest.order(drink, modifiers);
    await guest.called();
    guests.push(guest);
    await bar.server.advance(47);
  }
  for (const number of ['988', '989', '990']) {
    await tablet.tap(number, 'Claim');
    await expect(tablet.card(number, tablet.making)).toBeVisible();
  }
  for (const number of ['988', '989']) {
    await tablet.finish(number);
    await expect(tablet.card(number, tablet.ready)).toBeVisible();
  }
  await bar.server.advance(30);
  await expect(display.number(display.ready, '989')).toBeVisible();
  await tablet.page.reload();
  await display.page.reload();
  await expect(tablet.page.getByText('Live', { exact: true })).toBeVisible();
  for (const page of [tablet.page, display.page]) {
    await expect(page.locator('.clock')).toHaveText(/\d/);
  }
  await picture(tablet.page, 'tablet-queue');
  await picture(display.page, 'wall-board');

  await picture(guests[0]!.page, 'phone-ready');
  await picture(guests[6]!.page, 'phone-queue');
  const phone = await bar.phone();
  await picture(phone.page, 'phone-menu');
  const sheet = await phone.choose('Cappuccino');
  await sheet.getByText('Oat milk', { exact: true }).click();
  await expect(sheet.getByText(/Your place is kept/)).toBeVisible();
  await picture(phone.page, 'phone-sheet');
});
