import { expect, test } from '../support/test.ts';

/** The time-out for a change on one screen to appear on every other. */
const LIVE = { timeout: 1_000 };

test('two guests order, a barista makes the drinks, the display calls them: each screen shows it within a second without a reload', async ({
  bar,
}) => {
  const display = await bar.display();
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  const ben = await bar.phone();
  const pages = [display.page, tablet.page];
  await Promise.all(pages.map((page) => page.evaluate(() => Object.assign(window, { sameDocument: true }))));

  const first = await ada.choose('Cappuccino');
  await first.getByText('Oat milk', { exact: true }).click();
  await first.getByRole('button', { name: 'Order oat cappuccino' }).click();
  await expect(tablet.cards(tablet.upNext)).toHaveText(['Order 1, Cappuccino'], LIVE);
  await expect(display.number(display.preparing, '1')).toBeVisible(LIVE);
  await expect(tablet.card('1').getByText('Oat milk')).toBeVisible();

  const second = await ben.choose('Espresso');
  await second.getByRole('button', { name: 'Order espresso' }).click();
  await expect(tablet.cards(tablet.upNext)).toHaveText(['Order 1, Cappuccino', 'Order 2, Espresso'], LIVE);
  await expect(display.number(display.preparing, '2')).toBeVisible(LIVE);

  await expect(ada.number).toHaveText('1');
  await expect(ada.headline).toHaveText('You are next');
  await expect(ben.number).toHaveText('2');
  await expect(ben.headline).toHaveText('1 order before yours');

  await tablet.tap('1', 'Claim');
  await expect(ada.headline).toHaveText("We're making it", LIVE);
  await expect(tablet.cards(tablet.making)).toHaveText(['Order 1, Cappuccino']);
  await expect(ben.headline).not.toHaveText("We're making it");

  await tablet.finish('1');
  await expect(tablet.undo.getByRole('button', { name: /^Undo/ })).toBeVisible(LIVE);
  // No number is called before the end of the undo window.
  await expect(display.number(display.preparing, '1')).toBeVisible();
  await expect(ada.headline).toHaveText("We're making it");

  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!", LIVE);
  await expect(display.number(display.ready, '1')).toBeVisible(LIVE);
  await expect(display.number(display.preparing, '1')).toHaveCount(0);
  await expect(display.number(display.preparing, '2')).toBeVisible();
  await expect(ben.number).toHaveText('2');

  await ada.collect();
  await expect(ada.headline).toHaveText('Enjoy!', LIVE);
  await expect(display.number(display.ready, '1')).toHaveCount(0, LIVE);
  await expect(tablet.card('1')).toHaveCount(0, LIVE);

  for (const page of pages) {
    expect(await page.evaluate(() => 'sameDocument' in window), `${page.url()} was not loaded again`).toBe(true);
  }
});

test('each phone sees only its own order', async ({ bar }) => {
  bar.expects(/404/);
  const ada = await bar.phone();
  const ben = await bar.phone();
  const adasOrder = await ada.order('Latte', ['Oat milk']);
  await ada.called();
  await ben.page.goto(bar.server.url(`/orders/${adasOrder}`));
  await expect(ben.page.getByText('Latte')).toHaveCount(0);
  await expect(ben.page.getByRole('heading', { level: 1 })).toHaveText('Hm, not this way');
  await ben.page.goto(bar.server.url('/'));
  await expect(ben.page.getByRole('link', { name: /In the queue/ })).toHaveCount(0);
});

test('a reload, a second scan and the link in the menu lead back to the present order', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Flat White', ['Large']);
  const number = await ada.called();
  await ada.page.reload();
  await expect(ada.number).toHaveText(number);
  await expect(ada.headline).toHaveText('You are next');
  await ada.page.getByRole('link', { name: 'Menu' }).click();
  await ada.page.getByRole('link', { name: /Flat White/ }).filter({ hasText: 'In the queue' }).click();
  await expect(ada.number).toHaveText(number);
  // A second scan of the QR code opens `/`.
  await ada.page.goto(bar.server.url('/'));
  await ada.page.waitForURL('**/orders/*');
  await expect(ada.number).toHaveText(number);
  await tablet.tap(number, 'Claim');
  await expect(ada.headline).toHaveText("We're making it", { timeout: 1_000 });
});

test('Ready can be undone within four seconds, and the guest is not told', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(3);
  await tablet.undo.getByRole('button', { name: /^Undo/ }).click();
  await expect(tablet.cards(tablet.making)).toHaveText(['Order 1, Latte']);
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("We're making it");
  expect(await bar.server.state('1')).toBe('CREATED');
  await tablet.finish('1');
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!");
});

test('a guest can cancel until a barista claims the order, and the barista sees the cancellation', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  await ada.cancel();
  await expect(ada.headline).toHaveText('Cancelled');
  await expect(tablet.card('1', tablet.ended)).toContainText('Cancelled by the guest');
  expect(await bar.server.state('1')).toBe('CANCELLED');
});

test('the bar cancels an order with a reason, and the guest reads it', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  const card = await tablet.more('1');
  await card.getByRole('button', { name: 'The machine needs a rest.' }).click();
  await expect(ada.headline).toHaveText('Sorry, we had to cancel');
  await expect(ada.sentence).toContainText('The machine needs a rest.');
  expect(await bar.server.state('1')).toBe('CANCELLED');
});
