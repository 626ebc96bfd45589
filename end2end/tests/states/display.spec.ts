import type { Page } from '@playwright/test';

import { Rush } from '../../support/rush.ts';
import { SILENCE, expectGoodState } from '../../support/states.ts';
import { type Bar, expect, test } from '../../support/test.ts';

/** Places and makes orders at a bar that is busy since the morning: the next number has three digits, or four. */
async function rushAt(bar: Bar, next = 960): Promise<Rush> {
  await bar.server.lastNumber(next - 1);
  return new Rush(await bar.tablet('Ana'));
}

async function hang(bar: Bar, query = '', screen = bar.variant.wall): Promise<Page> {
  const page = await bar.page(screen);
  await page.goto(bar.server.url(`/display?${query}`));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  return page;
}

/** Shows the wall as it is, without what turns or fades while it is looked at. */
async function look(page: Page, name: string, main = false): Promise<void> {
  await expect(page.locator('.tile.new')).toHaveCount(0);
  await expectGoodState(page, `display-${name}`, { main });
}

test('the display when nobody waits, when orders are made, and when nothing is ready yet', async ({ bar }) => {
  const rush = await rushAt(bar);
  const page = await hang(bar);
  await look(page, 'idle', true);
  const orders = await rush.place(5);
  await expect(page.locator('#preparing .number')).toHaveCount(5);
  await look(page, 'nothing-ready');
  await rush.finish(orders.slice(0, 3));
  await expect(page.locator('.tile.new')).toHaveCount(3);
  await expectGoodState(page, 'display-new');
  await look(page, 'board', true);
  await bar.server.advance(301);
  await expect(page.locator('#left .number')).toHaveCount(3);
  await look(page, 'not-collected');
});

test('the display when a number fills it for a moment', async ({ bar }) => {
  const rush = await rushAt(bar);
  const orders = await rush.place(3);
  const page = await hang(bar, 'call=1');
  // A moment long enough to look at it.
  await page.evaluate(() => Object.assign((window as unknown as { Doppio: object }).Doppio, { CALL: 600_000 }));
  await rush.finish(orders.slice(0, 1));
  await expect(page.locator('#call')).toBeVisible();
  await expect(page.locator('#called')).toHaveText(orders[0]!);
  await expectGoodState(page, 'display-call', { main: true });
});

test('the display when there are more orders than fit', async ({ bar }) => {
  const rush = await rushAt(bar);
  await rush.finish(await rush.place(20));
  await rush.place(20);
  await bar.server.advance(30);
  const page = await hang(bar, bar.language === 'en' ? 'lang=en.de' : '');
  await page.keyboard.press('p');
  await expect(page.locator('#ready-page')).toHaveText(/2/);
  await look(page, 'paged', true);
  await rush.set('paused', 'machine', 10);
  await expect(page.locator('#note')).toBeVisible();
  await look(page, 'paged-and-paused');
});

/** A screen that stands upright. */
const UPRIGHT = { viewport: { width: 1080, height: 1920 } };

for (const [name, query, screen] of [
  ['wide', '', undefined],
  ['upright', '', UPRIGHT],
  // Larger numbers, for guests who stand farther away.
  ['far', 'in=43&m=7', undefined],
  ['upright-far', 'in=43&m=7', UPRIGHT],
] as const) {
  test(`the display on a day on which all numbers of three digits are in use: ${name}`, async ({ bar }) => {
    const rush = await rushAt(bar, 1000);
    const late = await rush.place(2);
    const page = await hang(bar, query, screen);
    await rush.finish(late);
    // Else they could become ready only at the later time.
    await expect(page.locator('#ready .number')).toHaveCount(2);
    await bar.server.advance(301);
    const orders = await rush.place(9);
    await expect(page.locator('#left .number').first()).toHaveText('1000');
    await look(page, `four-digits-next-${name}`);
    await rush.finish(orders.slice(0, 4));
    await expect(page.locator('#ready .number')).not.toHaveCount(0);
    await look(page, `four-digits-${name}`);
    await rush.finish(await rush.place(12));
    await rush.place(12);
    await expect(page.locator('#ready')).toHaveClass(/compact/);
    await look(page, `four-digits-full-${name}`);
  });

  test(`a number of four digits that fills the display for a moment: ${name}`, async ({ bar }) => {
    const rush = await rushAt(bar, 1000);
    const orders = await rush.place(3);
    const page = await hang(bar, `call=1&${query}`, screen);
    await page.evaluate(() => Object.assign((window as unknown as { Doppio: object }).Doppio, { CALL: 600_000 }));
    await rush.finish(orders.slice(0, 1));
    await expect(page.locator('#called')).toHaveText('1000');
    await expectGoodState(page, `display-four-digits-call-${name}`);
    await rush.finish(orders.slice(1, 3));
    await expect(page.locator('#called')).toHaveText(/^1000 100[12] 100[12]$/);
    await expectGoodState(page, `display-four-digits-calls-${name}`);
  });
}

test('the board on a phone on a day on which all numbers of three digits are in use', async ({ bar }) => {
  const rush = await rushAt(bar, 1000);
  const phone = await bar.page();
  await phone.goto(bar.server.url('/display/mine?number=1000'));
  await expect(phone.locator('html')).toHaveAttribute('data-line', 'live');
  const orders = await rush.place(8);
  await expect(phone.locator('#preparing .number')).toHaveCount(8);
  await expectGoodState(phone, 'display-mine-four-digits');
  await rush.finish(orders.slice(0, 3));
  await expect(phone.locator('#mine-card')).toHaveAttribute('data-place', 'ready');
  await phone.reload();
  await expectGoodState(phone, 'display-mine-four-digits-ready');
});

test('the display when the bar pauses and when it is closed', async ({ bar }) => {
  const rush = await rushAt(bar);
  const page = await hang(bar);
  await rush.set('paused', 'machine', 10);
  await expect(page.locator('#until')).toHaveText(/\d:\d\d/);
  await look(page, 'paused', true);
  await rush.set('closed');
  await expect(page.locator('#layout-closed')).toBeVisible();
  await look(page, 'closed');
});

test('the display when it has lost the line', async ({ bar }) => {
  bar.expects(/live|ERR_|WebSocket/);
  const rush = await rushAt(bar);
  await rush.place(3);
  const page = await bar.page(bar.variant.wall);
  let cut = false;
  await page.routeWebSocket('**/live', (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => (cut ? undefined : socket.send(message)));
  });
  await page.route('**/api/read_topics', (route) => route.abort());
  await page.clock.install();
  await page.goto(bar.server.url('/display'));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  cut = true;
  await page.clock.runFor(SILENCE);
  await expect(page.locator('html')).toHaveAttribute('data-line', 'silent');
  // What dims is said to be out of date; the bar above it, which is to be read, has full contrast.
  await expectGoodState(page, 'display-stale', {
    main: true,
    except: { 'color-contrast-enhanced': 'it is dimmed so that nobody trusts it; 4.5:1 still holds' },
  });
});

test('the set-up of the display, and the board on a phone', async ({ bar }) => {
  const rush = await rushAt(bar);
  const page = await bar.page(bar.variant.tablet);
  await page.goto(bar.server.url('/display/setup'));
  await expectGoodState(page, 'display-setup', { status: false });
  await page.goto(bar.server.url('/display/setup?in=43&m=x'));
  await expectGoodState(page, 'display-setup-wrong', { status: false });
  await page.goto(bar.server.url('/display/setup?in=43&m=7'));
  await expectGoodState(page, 'display-setup-card', { status: false, main: true });

  const orders = await rush.place(4);
  const phone = await bar.page();
  await phone.goto(bar.server.url('/display/mine'));
  await expectGoodState(phone, 'display-mine-ask');
  await phone.goto(bar.server.url(`/display/mine?number=${orders[1]}`));
  await expect(phone.locator('html')).toHaveAttribute('data-line', 'live');
  await expectGoodState(phone, 'display-mine-preparing');
  await rush.finish(orders.slice(0, 2));
  await expect(phone.locator('#mine-card')).toHaveAttribute('data-place', 'ready');
  await expectGoodState(phone, 'display-mine-ready', { main: true });
});
