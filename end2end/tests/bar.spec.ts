import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

/** The time-out for a change on one screen to appear on every other. */
const LIVE = { timeout: 1_000 };

const panel = (page: Page, name: string) => page.locator(`.${name} > summary`);

test('a recalled order keeps its number and age, and its guest sees the recall', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  await bar.server.advance(200);
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  await tablet.tap('1', 'Handed over');
  await expect(ada.headline).toHaveText('Enjoy!');
  expect(await bar.server.state('1')).toBe('COLLECTED');

  await panel(tablet.page, 'past-panel').click();
  const row = tablet.page.locator('.past-list li').filter({ hasText: 'Latte' });
  await row.getByRole('button', { name: 'Make it again' }).click();
  const card = tablet.card('1', tablet.making);
  await expect(card).toBeVisible(LIVE);
  await expect(card.locator('.marks')).toContainText('Again');
  await expect(card.locator('.age')).toContainText('late soon');
  await expect(ada.headline).toHaveText("We're making it");
  expect(await bar.server.state('1')).toBe('CREATED');

  await tablet.finish('1');
  await expect(ada.headline).toHaveText("We're making it");
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!");
  await ada.collect();
  await expect(tablet.card('1')).toHaveCount(0);
  expect(await bar.server.state('1')).toBe('COLLECTED');
});

test('a ready order can be recalled, and the display shows it as preparing again', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  const ada = await bar.phone();
  await ada.order('Espresso');
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  await expect(display.number(display.ready, '1')).toBeVisible();
  const card = await tablet.more('1');
  await card.getByRole('button', { name: 'Make it again' }).click();
  await expect(tablet.card('1', tablet.making)).toBeVisible(LIVE);
  await expect(display.number(display.preparing, '1')).toBeVisible(LIVE);
});

test('a walk-in takes two taps, gets a number, and is processed like every order', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  await panel(tablet.page, 'walk-in').click();
  await tablet.page.locator('.walk-in').getByRole('button', { name: 'Flat White' }).click();
  const card = tablet.card('1', tablet.upNext);
  await expect(card).toContainText('Flat White');
  await expect(card).toContainText('Walk-in');
  await expect(display.number(display.preparing, '1')).toBeVisible();
  await expect(tablet.page.locator('.walk-in .panel')).toBeHidden();

  // The next walk-in is a separate order with another milk.
  await panel(tablet.page, 'walk-in').click();
  await tablet.page.locator('.walk-in').getByText('Oat milk', { exact: true }).click();
  await tablet.page.locator('.walk-in').getByRole('button', { name: 'Latte' }).click();
  await expect(tablet.card('2', tablet.upNext).locator('.tokens')).toHaveText('Oat milk');
  expect(await bar.server.orders()).toHaveLength(2);
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  await tablet.tap('1', 'Handed over');
  await expect(tablet.card('1')).toHaveCount(0);
  expect(await bar.server.state('1')).toBe('COLLECTED');
});

test('a sold-out item cannot be ordered a second later, open orders show it, and one tap undoes it', async ({ bar }) => {
  bar.expects(/422/);
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte', ['Oat milk']);
  await ada.called();
  const ben = await bar.phone();
  const menu = ben.page.getByRole('main');
  const latte = await ben.choose('Latte');
  await ben.page.evaluate(() => Object.assign(window, { opened: true }));
  await panel(tablet.page, 'sold-out').click();
  const soldOut = tablet.page.locator('.sold-out');
  await soldOut.getByRole('button', { name: 'Oat milk' }).click();
  await soldOut.getByRole('button', { name: 'Mocha' }).click();
  await expect(soldOut.getByRole('button', { name: 'Oat milk' })).toHaveAttribute('aria-pressed', 'true');
  await expect(soldOut.getByRole('button', { name: 'Mocha' })).toHaveAttribute('aria-pressed', 'true');
  await expect(tablet.card('1')).toContainText('Sold out: Oat milk');
  // The open menu is updated: in the sheet, and behind it.
  await expect(ben.chip('Oat milk').locator('input')).toBeDisabled();
  await expect(latte.locator('.chip.sold-out')).toHaveText('Oat milk (sold out)');
  await ben.page.keyboard.press('Escape');
  await expect(menu.getByRole('link', { name: 'Mocha' })).toHaveCount(0);
  await expect(menu.locator('.drink.sold-out')).toContainText('Sold out');
  expect(await menu.locator('.drink.sold-out .drawing').evaluate((each) => getComputedStyle(each).filter)).toBe('grayscale(1)');

  for (const [drink, extras] of [['Mocha', ''], ['Latte', 'Oat milk']] as const) {
    const refused = await ben.post('submit_order', { key: `k-${drink}`, drink, 'extras[0]': extras });
    expect(refused.status(), drink).toBe(422);
  }
  await soldOut.getByRole('button', { name: 'Mocha' }).click();
  await expect(soldOut.getByRole('button', { name: 'Mocha' })).toHaveAttribute('aria-pressed', 'false');
  await expect(menu.getByRole('link', { name: 'Mocha' })).toBeVisible();
  expect(await ben.page.evaluate(() => 'opened' in window), 'the page was not reloaded').toBe(true);
  expect((await ben.post('submit_order', { key: 'k-again', drink: 'Mocha' })).status()).toBe(200);
});

test('equal drinks with equal milk are claimed together, at most four', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  for (const [at, size] of ['Regular', 'Large', 'Regular', 'Regular', 'Regular'].entries()) {
    const sent = await tablet.post('walk_in_order', {
      key: `k${at}`,
      drink: 'Flat White',
      milk: 'Oat milk',
      'modifiers[0]': size,
    });
    expect(sent.status()).toBe(200);
  }
  await tablet.post('walk_in_order', { key: 'other', drink: 'Flat White' });
  await expect(tablet.cards(tablet.upNext)).toHaveCount(6);
  await tablet.page.getByRole('button', { name: 'Make 4 together' }).click();
  await expect(tablet.cards(tablet.making)).toHaveCount(4);
  await expect(tablet.cards(tablet.upNext)).toHaveText(['Order 5, Flat White', 'Order 6, Flat White']);
  await expect(tablet.page.getByRole('button', { name: /together/ })).toHaveCount(0);
});

test('a pause shows its reason and end, and ends by itself', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await panel(tablet.page, 'switch').click();
  await tablet.page.getByText('We are taking a short break.').click();
  await tablet.page.getByRole('button', { name: '10 min' }).click();
  await expect(panel(tablet.page, 'switch')).toContainText('Paused');
  await expect(tablet.page.locator('.switch .panel')).toBeHidden();
  const ada = await bar.phone();
  await expect(ada.page.getByText('We are taking a short break.')).toBeVisible();
  await bar.server.advance(599);
  await expect(panel(tablet.page, 'switch')).toContainText('Paused');
  await bar.server.advance(1);
  await expect(panel(tablet.page, 'switch')).toContainText('Open');
  await expect(ada.page.getByText('We are taking a short break.')).toHaveCount(0);
});

test('a cancelled card stays until it is acknowledged, and the guest sees free text unchanged', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  const card = await tablet.more('1');
  await card.getByLabel('In your own words').fill('The grinder fell over.');
  await card.getByRole('button', { name: 'Cancel with these words' }).click();
  await expect(ada.sentence).toContainText('The grinder fell over.');
  await expect(tablet.card('1', tablet.ended)).toContainText('The grinder fell over.');
  await tablet.tap('1', 'Seen');
  await expect(tablet.card('1')).toHaveCount(0, LIVE);
  expect(await bar.server.state('1')).toBe('CANCELLED');
});

test('taking over an order of another barista needs a second tap', async ({ bar }) => {
  const ana = await bar.tablet('Ana');
  const ben = await bar.tablet('Ben');
  const ada = await bar.phone();
  await ada.order('Latte');
  await ana.tap('1', 'Claim');
  await expect(ben.card('1', ben.making)).toContainText('Ana is making it');
  await ben.card('1').getByText('Take over from Ana').click();
  await expect(ana.card('1')).toContainText('You are making it');
  await ben.tap('1', 'Yes, I make it now');
  await expect(ana.card('1')).toContainText('Ben is making it');
});

test('cards keep their place while another leaves or returns', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    await tablet.post('walk_in_order', { key, drink: 'Espresso' });
  }
  await expect(tablet.cards(tablet.upNext)).toHaveCount(5);
  const card = tablet.card('2');
  const before = await card.boundingBox();
  // A double tap must not claim the next card.
  const button = await tablet.card('1').getByRole('button', { name: 'Claim' }).boundingBox();
  const [x, y] = [button!.x + button!.width / 2, button!.y + button!.height / 2];
  await tablet.page.touchscreen.tap(x, y);
  await expect(tablet.card('1', tablet.making)).toBeVisible();
  await tablet.page.touchscreen.tap(x, y);
  expect(await card.boundingBox()).toEqual(before);
  await expect(tablet.cards(tablet.making)).toHaveText(['Order 1, Espresso']);
  await expect(tablet.page.locator('.gap')).toHaveCount(0);
  await expect(tablet.cards(tablet.upNext)).toHaveCount(4);
});

test('the keyboard works as a bump bar and can be switched off', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  for (const key of ['a', 'b', 'c']) {
    await tablet.post('walk_in_order', { key, drink: 'Espresso' });
  }
  await expect(tablet.cards(tablet.upNext)).toHaveCount(3);
  const { keyboard } = tablet.page;
  await keyboard.press('2');
  await expect(tablet.card('2')).toBeFocused();
  await keyboard.press('Enter');
  await expect(tablet.card('2', tablet.making)).toBeFocused();
  await keyboard.press('Enter');
  await expect(tablet.undo).toContainText('2 is marked ready.');
  await keyboard.press('r');
  await expect(tablet.page.locator('.past-panel .panel')).toBeVisible();
  await keyboard.press('Escape');
  await expect(tablet.page.locator('.past-panel .panel')).toBeHidden();
  await keyboard.press('s');
  await expect(tablet.page.locator('.all-day .panel')).toBeVisible();
  await keyboard.press('Escape');

  await panel(tablet.page, 'settings-panel').click();
  const keys = tablet.page.locator('.settings-panel').getByRole('group', { name: 'Single keys' });
  await keys.getByRole('button', { name: 'Off' }).click();
  await keyboard.press('Escape');
  await tablet.page.reload();
  await expect(tablet.page.getByText('Live', { exact: true })).toBeVisible();
  await keyboard.press('r');
  await keyboard.press('1');
  await expect(tablet.page.locator('.past-panel .panel')).toBeHidden();
  await expect(tablet.card('1')).not.toBeFocused();
});

test('the dark theme and left-handed layout are stored on the device', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await panel(tablet.page, 'settings-panel').click();
  const settings = tablet.page.locator('.settings-panel');
  await settings.getByRole('button', { name: 'Dark', exact: true }).click();
  await expect(tablet.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await settings.getByRole('button', { name: /left hand/ }).click();
  await expect(settings.getByRole('button', { name: /left hand/ })).toHaveAttribute('aria-pressed', 'true');
  await expect(tablet.page.locator('.sending')).toHaveCount(0);
  await tablet.page.reload();
  await expect(tablet.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const places = await Promise.all([tablet.upNext, tablet.ready].map((lane) => lane.boundingBox()));
  expect(places[0]!.x).toBeGreaterThan(places[1]!.x);
});

test('a new order plays a sound after the first user gesture, repeats it until acknowledged, and a muted page says so', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await tablet.page.addInitScript(() => {
    const start = OscillatorNode.prototype.start;
    const notes: number[] = [];
    Object.assign(window, { notes });
    OscillatorNode.prototype.start = function (this: OscillatorNode, when?: number) {
      notes.push(this.frequency.value);
      start.call(this, when);
    };
  });
  await tablet.page.reload();
  const sound = tablet.page.locator('.sound');
  await expect(sound).toHaveText('Tap for sound');
  await sound.click();
  await expect(sound).toHaveText('Sound on');
  const playedNotes = () => tablet.page.evaluate(() => (window as unknown as { notes: number[] }).notes.length);
  await expect.poll(playedNotes).toBe(2);
  await tablet.post('walk_in_order', { key: 'a', drink: 'Espresso' });
  await expect(tablet.card('1')).toHaveAttribute('data-new', '');
  await expect.poll(playedNotes).toBe(4);
  await expect(tablet.page.getByRole('status')).toHaveText('1 new order');
  await tablet.page.locator('.lanes').click({ position: { x: 5, y: 5 } });
  await expect(tablet.card('1')).not.toHaveAttribute('data-new', '');

  await panel(tablet.page, 'settings-panel').click();
  await tablet.page.locator('.settings-panel').getByRole('button', { name: 'Off' }).first().click();
  await expect(sound).toHaveText('Sound off');
});

test('a tap without a connection is stored, shown as pending, and sent later', async ({ bar }) => {
  bar.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to load|net::/);
  const tablet = await bar.tablet('Ana');
  await tablet.post('walk_in_order', { key: 'a', drink: 'Espresso' });
  await expect(tablet.card('1')).toBeVisible();
  const context = tablet.page.context();
  await context.setOffline(true);
  await tablet.tap('1', 'Claim');
  await expect(tablet.card('1').locator('.sending')).toBeVisible();
  expect(await bar.server.state('1')).toBe('CREATED');
  await context.setOffline(false);
  await expect(tablet.card('1', tablet.making)).toBeVisible();
  await expect(tablet.page.locator('.sending')).toHaveCount(0);
});

test('an idle bar shows the time of the last order', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await expect(tablet.upNext).toContainText('All caught up.');
  await tablet.post('walk_in_order', { key: 'a', drink: 'Espresso' });
  await tablet.tap('1', 'Claim');
  await expect(tablet.upNext).toContainText(/Last order \d+:\d\d\./);
});

test('an idle bar shows the median preparation time of the day', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const half = tablet.upNext.locator('.half');
  for (const [at, seconds] of [60, 176, 400].entries()) {
    await expect(half).toHaveCount(0);
    await tablet.post('walk_in_order', { key: `k${at}`, drink: 'Espresso' });
    const number = String(at + 1);
    await expect(tablet.card(number)).toBeVisible();
    await tablet.tap(number, 'Claim');
    await expect(tablet.card(number, tablet.making)).toBeVisible();
    await bar.server.advance(seconds);
    await tablet.finish(number);
    await bar.server.advance(4);
    await tablet.tap(number, 'Handed over');
    await expect(tablet.card(number)).toHaveCount(0);
  }
  await expect(half).toHaveText("Half of today's drinks were ready within 3 min.");
});

for (const [name, size, cards] of [
  ['a tablet', { width: 1180, height: 820 }, 6],
  ['a large screen', { width: 1920, height: 1080 }, 12],
] as const) {
  test(`${name} shows ${cards} orders that wait from top to bottom, in text that can be read at arm’s length`, async ({ bar }) => {
    const tablet = await bar.tablet('Ana');
    await tablet.page.setViewportSize(size);
    for (let at = 0; at < 14; at += 1) {
      const guest = await bar.phone();
      await guest.order(at % 2 ? 'Espresso' : 'Flat White', at % 2 ? [] : ['Oat milk']);
      await guest.page.context().close();
    }
    await expect(tablet.cards(tablet.upNext)).toHaveCount(14);
    const whole = await tablet.upNext.locator('.card').evaluateAll((all) =>
      all.filter((card) => card.getBoundingClientRect().bottom <= window.innerHeight).length,
    );
    expect(whole).toBeGreaterThanOrEqual(cards);
    const sizes = await tablet.upNext.locator('.card').first().evaluate((card) =>
      ['.number', '.drink-name', '.tokens li', '.time'].map((part) => parseFloat(getComputedStyle(card.querySelector(part)!).fontSize)),
    );
    expect(sizes, 'the number, the drink, what is special, the age').toEqual([44, 32, 24, 28]);
  });
}
