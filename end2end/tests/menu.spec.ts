import { expect, test } from '../support/test.ts';

/** A drink in the table. */
const drink = (name: string, more: object = {}) => ({
  M: { drink: { S: name }, icon: { S: 'latte' }, available: { BOOL: true }, ...more },
});

/** An invalid group of modifiers: the default is not one of them. */
const MISTAKE = {
  modifiers: { L: [{ M: { Name: { S: 'Milk' }, Options: { L: [{ S: 'Oat milk' }] }, Default: { S: 'Sand' } } }] },
};

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitaensmilchkaffeespezial';

test('an open menu follows a change, and an invalid drink is left out and reported to the bar', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.live();
  const tablet = await bar.tablet('Ana');
  await expect(tablet.page.locator('.skipped')).toHaveCount(0);
  await bar.server.writeMenu({ L: [drink('Latte'), drink('Mocha', MISTAKE), drink('Golden Milk')] });

  const names = ada.page.locator('.menu .drink .name');
  await expect(names).toHaveText(['Latte', 'Golden Milk']);
  await expect(tablet.page.locator('.skipped')).toHaveText(tablet.text('barista_menu_skipped', { drinks: 'Mocha' }));
  expect(bar.server.log).toContain('Mocha');
  await ada.order('Golden Milk');

  await bar.server.writeMenu({ L: [drink('Latte')] });
  await expect(tablet.page.locator('.skipped')).toHaveCount(0);
  const ben = await bar.phone();
  await expect(ben.page.locator('.menu .drink .name')).toHaveText(['Latte']);
});

test('with an invalid menu the pages say so', async ({ bar }) => {
  await bar.server.writeMenu({ S: 'coffee' });
  const page = await bar.page();
  const answer = await page.goto(bar.server.url('/'));
  expect(answer?.status()).toBe(200);
  const tablet = await bar.tablet('Ana');
  await expect(tablet.page.locator('.skipped')).toBeVisible();
});

test('a word of sixty letters wraps on every screen', async ({ bar }) => {
  await bar.server.writeMenu({ L: [drink(LONG), drink('Latte')] });
  const ada = await bar.phone();
  const fits = async (page: typeof ada.page) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, 'nothing is wider than the page').toBeLessThanOrEqual(0);
    const over = await page.evaluate((word) => {
      const texts = [...document.querySelectorAll<HTMLElement>('.card, .drink, .sheet, .headline, .ordered, button')];
      return texts.filter((each) => each.textContent!.includes(word) && each.scrollWidth > each.clientWidth + 1).map((each) => each.className);
    }, LONG.slice(0, 20));
    expect(over).toEqual([]);
  };
  await fits(ada.page);
  const sheet = await ada.choose(LONG);
  await fits(ada.page);
  await ada.submit(sheet);
  await ada.called();
  await fits(ada.page);
  const tablet = await bar.tablet('Ana');
  await expect(tablet.page.locator('.card')).toHaveCount(1);
  await fits(tablet.page);
  await tablet.open('walk-in');
  await fits(tablet.page);
});
