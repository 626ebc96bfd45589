import type { Page } from '@playwright/test';

import { BulkOrders } from '../../support/bulk-orders.ts';
import { SILENCE, expectGoodState } from '../../support/states.ts';
import { type TestBar, expect, test } from '../../support/test.ts';

/** Places and processes orders. The next number has three or four digits. */
async function bulkOrdersFrom(bar: TestBar, next = 960): Promise<BulkOrders> {
  await bar.server.lastNumber(next - 1);
  return new BulkOrders(await bar.tablet('Ana'));
}

async function openDisplay(bar: TestBar, query = '', screen = bar.variant.display): Promise<Page> {
  const page = await bar.page(screen);
  await page.goto(bar.server.url(`/display?${query}`));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  return page;
}

/** Checks the display once no number is marked as new. */
async function expectDisplayState(page: Page, name: string, main = false): Promise<void> {
  await expect(page.locator('.tile.new')).toHaveCount(0);
  await expectGoodState(page, `display-${name}`, { main });
}

test('the display without orders, with orders, and with none ready', async ({ bar }) => {
  const bulkOrders = await bulkOrdersFrom(bar);
  const page = await openDisplay(bar);
  await expectDisplayState(page, 'idle', true);
  const orders = await bulkOrders.place(5);
  await expect(page.locator('#preparing .number')).toHaveCount(5);
  await expectDisplayState(page, 'nothing-ready');
  await bulkOrders.finish(orders.slice(0, 3));
  await expect(page.locator('.tile.new')).toHaveCount(3);
  await expectGoodState(page, 'display-new');
  await expectDisplayState(page, 'board', true);
  await bar.server.advance(301);
  await expect(page.locator('#left .number')).toHaveCount(3);
  await expectDisplayState(page, 'not-collected');
});

test('the display with a number in full screen', async ({ bar }) => {
  const bulkOrders = await bulkOrdersFrom(bar);
  const orders = await bulkOrders.place(3);
  const page = await openDisplay(bar, 'call=1');
  // Longer than usual, for the screenshot.
  await page.evaluate(() => Object.assign((window as unknown as { Doppio: object }).Doppio, { CALL: 600_000 }));
  await bulkOrders.finish(orders.slice(0, 1));
  await expect(page.locator('#call')).toBeVisible();
  await expect(page.locator('#called')).toHaveText(orders[0]!);
  await expectGoodState(page, 'display-call', { main: true });
});

test('the display with more orders than fit', async ({ bar }) => {
  const bulkOrders = await bulkOrdersFrom(bar);
  await bulkOrders.finish(await bulkOrders.place(20));
  await bulkOrders.place(20);
  await bar.server.advance(30);
  const page = await openDisplay(bar, bar.language === 'en' ? 'lang=en.de' : '');
  await page.keyboard.press('p');
  await expect(page.locator('#ready-page')).toHaveText(/2/);
  await expectDisplayState(page, 'paged', true);
  await bulkOrders.set('paused', 'machine', 10);
  await expect(page.locator('#note')).toBeVisible();
  await expectDisplayState(page, 'paged-and-paused');
});

/** A portrait screen. */
const PORTRAIT = { viewport: { width: 1080, height: 1920 } };

for (const [name, query, screen] of [
  ['wide', '', undefined],
  ['portrait', '', PORTRAIT],
  // Larger numbers for a larger distance.
  ['far', 'in=43&m=7', undefined],
  ['portrait-far', 'in=43&m=7', PORTRAIT],
] as const) {
  test(`the display with numbers of four digits: ${name}`, async ({ bar }) => {
    const bulkOrders = await bulkOrdersFrom(bar, 1000);
    const late = await bulkOrders.place(2);
    const page = await openDisplay(bar, query, screen);
    await bulkOrders.finish(late);
    // Otherwise they would become ready at the later time.
    await expect(page.locator('#ready .number')).toHaveCount(2);
    await bar.server.advance(301);
    const orders = await bulkOrders.place(9);
    await expect(page.locator('#left .number').first()).toHaveText('1000');
    await expectDisplayState(page, `four-digits-next-${name}`);
    await bulkOrders.finish(orders.slice(0, 4));
    await expect(page.locator('#ready .number')).not.toHaveCount(0);
    await expectDisplayState(page, `four-digits-${name}`);
    await bulkOrders.finish(await bulkOrders.place(12));
    await bulkOrders.place(12);
    await expect(page.locator('#ready')).toHaveClass(/compact/);
    await expectDisplayState(page, `four-digits-full-${name}`);
  });

  test(`the display with a number of four digits in full screen: ${name}`, async ({ bar }) => {
    const bulkOrders = await bulkOrdersFrom(bar, 1000);
    const orders = await bulkOrders.place(3);
    const page = await openDisplay(bar, `call=1&${query}`, screen);
    await page.evaluate(() => Object.assign((window as unknown as { Doppio: object }).Doppio, { CALL: 600_000 }));
    await bulkOrders.finish(orders.slice(0, 1));
    await expect(page.locator('#called')).toHaveText('1000');
    await expectGoodState(page, `display-four-digits-call-${name}`);
    await bulkOrders.finish(orders.slice(1, 3));
    await expect(page.locator('#called')).toHaveText(/^1000 100[12] 100[12]$/);
    await expectGoodState(page, `display-four-digits-calls-${name}`);
  });
}

test('the display on a phone with numbers of four digits', async ({ bar }) => {
  const bulkOrders = await bulkOrdersFrom(bar, 1000);
  const phone = await bar.page();
  await phone.goto(bar.server.url('/display/mine?number=1000'));
  await expect(phone.locator('html')).toHaveAttribute('data-line', 'live');
  const orders = await bulkOrders.place(8);
  await expect(phone.locator('#preparing .number')).toHaveCount(8);
  await expectGoodState(phone, 'display-mine-four-digits');
  await bulkOrders.finish(orders.slice(0, 3));
  await expect(phone.locator('#mine-card')).toHaveAttribute('data-place', 'ready');
  await phone.reload();
  await expectGoodState(phone, 'display-mine-four-digits-ready');
});

test('the display while the bar is paused and closed', async ({ bar }) => {
  const bulkOrders = await bulkOrdersFrom(bar);
  const page = await openDisplay(bar);
  await bulkOrders.set('paused', 'machine', 10);
  await expect(page.locator('#until')).toHaveText(/\d:\d\d/);
  await expectDisplayState(page, 'paused', true);
  await bulkOrders.set('closed');
  await expect(page.locator('#layout-closed')).toBeVisible();
  await expectDisplayState(page, 'closed');
});

test('the display without a connection', async ({ bar }) => {
  bar.expects(/live|ERR_|WebSocket/);
  const bulkOrders = await bulkOrdersFrom(bar);
  await bulkOrders.place(3);
  const page = await bar.page(bar.variant.display);
  let blocked = false;
  await page.routeWebSocket('**/live', (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => (blocked ? undefined : socket.send(message)));
  });
  await page.route('**/api/read_topics', (route) => route.abort());
  await page.clock.install();
  await page.goto(bar.server.url('/display'));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  blocked = true;
  await page.clock.runFor(SILENCE);
  await expect(page.locator('html')).toHaveAttribute('data-line', 'silent');
  // The dimmed part is out of date. The notice above it has full contrast.
  await expectGoodState(page, 'display-stale', {
    main: true,
    except: { 'color-contrast-enhanced': 'the dimmed part is out of date; its contrast is still 4.5:1' },
  });
});

test('the set-up of the display, and the display on a phone', async ({ bar }) => {
  const bulkOrders = await bulkOrdersFrom(bar);
  const page = await bar.page(bar.variant.tablet);
  await page.goto(bar.server.url('/display/setup'));
  await expectGoodState(page, 'display-setup', { status: false });
  await page.goto(bar.server.url('/display/setup?in=43&m=x'));
  await expectGoodState(page, 'display-setup-wrong', { status: false });
  await page.goto(bar.server.url('/display/setup?in=43&m=7'));
  await expectGoodState(page, 'display-setup-card', { status: false, main: true });

  const orders = await bulkOrders.place(4);
  const phone = await bar.page();
  await phone.goto(bar.server.url('/display/mine'));
  await expectGoodState(phone, 'display-mine-ask');
  await phone.goto(bar.server.url(`/display/mine?number=${orders[1]}`));
  await expect(phone.locator('html')).toHaveAttribute('data-line', 'live');
  await expectGoodState(phone, 'display-mine-preparing');
  await bulkOrders.finish(orders.slice(0, 2));
  await expect(phone.locator('#mine-card')).toHaveAttribute('data-place', 'ready');
  await expectGoodState(phone, 'display-mine-ready', { main: true });
});
