import type { Page } from '@playwright/test';

import { Rush } from '../../support/rush.ts';
import { SILENCE, expectGoodState } from '../../support/states.ts';
import { type Bar, expect, test } from '../../support/test.ts';

async function hang(bar: Bar, query = ''): Promise<Page> {
  const page = await bar.page(bar.variant.wall);
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
  const rush = new Rush(await bar.tablet('Ana'));
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
  const rush = new Rush(await bar.tablet('Ana'));
  const orders = await rush.place(3);
  const page = await hang(bar, 'call=1');
  // A moment long enough to look at it.
  await page.evaluate(() => Object.assign((window as unknown as { Doppio: object }).Doppio, { CALL: 600_000 }));
  await rush.finish(orders.slice(0, 1));
  await expect(page.locator('#call')).toBeVisible();
  await expect(page.locator('#called')).toHaveText('1');
  await expectGoodState(page, 'display-call', { main: true });
});

test('the display when there are more orders than fit', async ({ bar }) => {
  const rush = new Rush(await bar.tablet('Ana'));
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

test('the display when the bar pauses and when it is closed', async ({ bar }) => {
  const rush = new Rush(await bar.tablet('Ana'));
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
  const rush = new Rush(await bar.tablet('Ana'));
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
  const rush = new Rush(await bar.tablet('Ana'));
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
