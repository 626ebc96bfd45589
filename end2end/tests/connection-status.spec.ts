import type { Page } from '@playwright/test';

import { BaristaApi } from '../support/barista-api.ts';
import { Random } from '../support/random.ts';
import { BOARD, Screen, TABLET, phone } from '../support/audited-screen.ts';
import { type TestBar, expect, test } from '../support/test.ts';
import { NetworkProxy } from '../support/network-proxy.ts';

/** A phone with an order, a tablet and a display, each behind a proxy, with stopped clocks. */
interface TestScreens {
  order: string;
  phone: Screen;
  tablet: Screen;
  board: Screen;
  all: Screen[];
  advance(seconds: number): Promise<void>;
  /** Advances the clocks until every screen shows this connection status, at most so far. */
  until(line: RegExp, seconds: number): Promise<void>;
}

async function openScreens(bar: TestBar, prepare: (page: Page) => Promise<void> = async () => {}): Promise<TestScreens> {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const proxy = () => NetworkProxy.to(() => bar.server.addresses.site, new Random(1));
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const tablet = await bar.tablet('Ana');
  const display = await bar.page(bar.variant.display);
  await Promise.all([ada.page, tablet.page, display].map(prepare));
  const screens = {
    phone: await Screen.open(phone(order), ada.page, await proxy(), `/orders/${order}`),
    tablet: await Screen.open(TABLET, tablet.page, await proxy(), '/barista'),
    board: await Screen.open(BOARD, display, await proxy(), '/display?sound=1'),
  };
  const all = Object.values(screens);
  const advance = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 1) {
      await Promise.all(all.map((screen) => screen.advance(1)));
    }
  };
  const until = async (line: RegExp, seconds: number) => {
    const statuses = async () => Promise.all(all.map(async (screen) => (await screen.seen()).line));
    for (let passed = 0; passed < seconds && !(await statuses()).every((each) => line.test(each)); passed += 1) {
      await advance(1);
      // Data in transit needs real time but no time of the page's clock.
      const asked = performance.now();
      while (performance.now() - asked < 400 && !(await statuses()).every((each) => line.test(each)));
    }
    expect((await statuses()).join(' ')).toMatch(new RegExp(`^((${line.source})( |$))+$`));
  };
  return { order, ...screens, all, advance, until };
}

const LIVE = /live/;

test('without frames a display, a tablet and a phone show since when they are not live and are dimmed; any wake-up event reconnects at once', async ({
  bar,
}) => {
  const { phone, tablet, board, all, advance } = await openScreens(bar);
  all.forEach(({ proxy }) => proxy.break('dropped'));
  // The last heartbeat may be five seconds old.
  await advance(9);
  await expect(phone.page.locator('.line-banner p:not(.visually-hidden)')).toHaveCount(0);
  await advance(8);
  const since = /Not live since \d+:\d\d/;
  await expect(board.page.getByRole('status')).toHaveText(since);
  await expect(board.page.locator('.board')).toHaveCSS('opacity', '0.6');
  await expect(board.page.locator('.stale-bar svg')).toBeVisible();
  await expect(tablet.page.locator('.line-banner')).toHaveText(/Not live since \d+:\d\d.*Cards may be missing/);
  await expect(tablet.page.locator('.line-banner svg')).toBeVisible();
  await expect(tablet.page.locator('.live-dot')).toHaveText('Not live');
  await expect(phone.page.getByRole('status')).toHaveText(/Not live since \d+:\d\d.*Look at the wall or ask at the bar\./);
  await expect(phone.page.locator('.line-banner svg')).toBeVisible();
  await expect(phone.page.locator('.page.status')).toHaveClass(/stale/);

  for (const event of ['online', 'visibilitychange', 'pageshow']) {
    all.forEach(({ proxy }) => proxy.repair());
    for (const screen of all) {
      expect((await screen.seen()).line).not.toMatch(LIVE);
      // No timer runs, so only the event can be the reason.
      await screen.page.evaluate((name) => {
        const target = name === 'visibilitychange' ? document : window;
        target.dispatchEvent(new Event(name));
      }, event);
      await expect.poll(async () => (await screen.seen()).line, event).toMatch(LIVE);
    }
    all.forEach(({ proxy }) => proxy.break('reset'));
    await advance(17);
  }
  all.forEach(({ proxy }) => proxy.repair());
});

test('a page from the back-forward cache is updated; with blocked websockets it polls and says that it is slower', async ({
  bar,
}) => {
  const { all, order, advance, until, phone, tablet, board } = await openScreens(bar);
  const barista = await BaristaApi.of(bar, 'Ben');
  // The connections are half-open, which has not been detected yet.
  all.forEach(({ proxy }) => proxy.break('half-open'));
  await barista.claim(order);
  all.forEach(({ proxy }) => proxy.repair());
  for (const screen of all) {
    await screen.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  }
  await expect.poll(async () => (await phone.seen()).shows).toBe('making 1');
  await expect.poll(async () => (await tablet.seen()).shows).toContain('making 1');
  for (const screen of all) {
    await expect.poll(async () => (await screen.seen()).line).toMatch(LIVE);
  }

  all.forEach(({ proxy }) => {
    proxy.websocketsAllowed = false;
    proxy.break('reset');
    proxy.repair();
  });
  await until(/slow/, 20);
  await barista.serve(order);
  const ready = async () => `${(await phone.seen()).shows}, ${(await board.seen()).shows}`;
  await expect(async () => {
    await advance(1);
    await expect.poll(ready, { timeout: 1_000 }).toBe('ready 1, ready 1, preparing ');
  }).toPass();
  for (const { page } of all) {
    await expect(page.getByText(/Slower updates/).first()).toBeVisible();
  }
  // When websockets are allowed again, they are used.
  all.forEach(({ proxy }) => (proxy.websocketsAllowed = true));
  await until(LIVE, 20);
});

test('changes before or during a connection gap cause no sound or animation after it', async ({ bar }) => {
  const { tablet, board, all, advance, until, order } = await openScreens(bar, (page) =>
    page.addInitScript(() => {
      const notes: number[] = [];
      Object.assign(window, { notes });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (this: OscillatorNode, ...given) {
        notes.push(this.frequency.value);
        start.apply(this, given);
      };
    }),
  );
  const barista = await BaristaApi.of(bar, 'Ben');
  const playedNotes = (screen: Screen) => screen.page.evaluate(() => (window as unknown as { notes: number[] }).notes.splice(0).length);
  await tablet.page.locator('.sound').click();
  await board.page.getByRole('button', { name: /Sound is off/ }).click();
  await expect(tablet.page.locator('.sound')).toHaveText('Sound on');
  await expect(board.page.locator('#muted')).toBeHidden();
  await playedNotes(tablet);

  // With a connection each change plays once: two notes for a new order, three for a ready one.
  await barista.send('walk_in_order', { key: 'a', drink: 'Espresso' });
  await expect(tablet.page.locator('.card[data-new]')).toHaveCount(1);
  await expect.poll(() => playedNotes(tablet)).toBe(2);
  await barista.make(order, 1);
  await expect(board.page.locator('.tile.new')).toHaveCount(1);
  await expect.poll(() => playedNotes(board)).toBe(3);
  await tablet.page.locator('.lanes').click({ position: { x: 5, y: 5 } });

  all.forEach(({ proxy }) => proxy.break('reset'));
  await barista.send('claim_together', { 'orders[0]': (await id(bar, '2')) });
  await barista.serve(await id(bar, '2'));
  await bar.server.advance(30);
  await bar.server.restart('SIGKILL');
  await advance(40);
  all.forEach(({ proxy }) => proxy.repair());
  await until(LIVE, 20);
  await expect.poll(async () => (await board.seen()).shows).toBe('ready 1,2, preparing ');
  await expect.poll(async () => (await tablet.seen()).shows).toBe('up-next , making , ready 1,2, ended ');
  await advance(12);
  expect([await playedNotes(tablet), await playedNotes(board)], 'notes after the gap').toEqual([0, 0]);
  await expect(board.page.locator('.tile')).toHaveCount(2);
  await expect(board.page.locator('.tile.new')).toHaveCount(0);
});

/** The id of the order with this number. */
async function id(bar: TestBar, number: string): Promise<string> {
  const order = (await bar.server.orders()).find((each) => each['orderNumber']?.S === number);
  return order?.['SK']?.S ?? '';
}

test('a page of an older version keeps working and reloads when no input would be lost', async ({ bar }) => {
  bar.expects(/404|ERR_|WebSocket|Failed to load|net::/);
  const tablet = await bar.tablet('Ana');
  const { page } = tablet;
  const proxy = await NetworkProxy.to(() => bar.server.addresses.site, new Random(1));
  await page.goto(proxy.url('/barista'));
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  // During the reload the page is replaced.
  const same = () => page.evaluate(() => 'sameDocument' in window).catch(() => false);

  // The same version: nothing happens.
  let asked = 0;
  page.on('request', (request) => (asked += request.method() === 'HEAD' ? 1 : 0));
  await bar.server.restart('SIGTERM');
  await expect.poll(() => asked).toBe(1);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  expect(await same()).toBe(true);

  // A newer version: a guest who is about to cancel an order is not interrupted.
  await page.route(/\.wasm/, (route) => (route.request().method() === 'HEAD' ? route.fulfill({ status: 404 }) : route.continue()));
  await tablet.post('walk_in_order', { key: 'a', drink: 'Espresso' });
  const card = await tablet.more('1');
  await card.getByLabel('In your own words').fill('The grinder');
  await bar.server.restart('SIGTERM');
  await expect.poll(() => asked).toBe(2);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await tablet.post('walk_in_order', { key: 'b', drink: 'Espresso' });
  await expect(tablet.card('2')).toBeVisible();
  expect(await same()).toBe(true);
  await card.getByLabel('In your own words').fill('');
  await card.locator('.more > summary').click();
  await expect.poll(same).toBe(false);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(tablet.cards(tablet.upNext)).toHaveCount(2);
  await proxy.close();
});

/** Sets the clock of each device, like a time server. The monotonic clock continues. */
async function setClocks(screens: Screen[], hours: number): Promise<void> {
  for (const { page } of screens) {
    const now = await page.evaluate(() => Date.now());
    await page.clock.setSystemTime(now + hours * 3_600_000);
  }
}

test('screens without frames say so although their clocks are set back by an hour', async ({ bar }) => {
  const { all, advance, until } = await openScreens(bar);
  all.forEach(({ proxy }) => proxy.break('dropped'));
  await setClocks(all, -1);
  await advance(17);
  for (const screen of all) {
    expect((await screen.seen()).line, screen.kind.name).toBe('silent');
  }
  all.forEach(({ proxy }) => proxy.repair());
  await until(LIVE, 30);
});

test('screens stay live when their clocks are set forward or back by an hour', async ({ bar }) => {
  const { all, advance, until } = await openScreens(bar);
  await until(LIVE, 30);
  for (const { page } of all) {
    // All connection statuses of the page from now on, however short.
    await page.evaluate(() => {
      const statuses: string[] = [];
      const record = () => document.querySelectorAll<HTMLElement>('[data-line]').forEach((each) => statuses.push(each.dataset['line']!));
      new MutationObserver(record).observe(document, { subtree: true, childList: true, attributes: true });
      Object.assign(window, { statuses });
    });
  }
  for (const hours of [1, -1]) {
    await setClocks(all, hours);
    await advance(1);
    await until(LIVE, 10);
    for (const screen of all) {
      const statuses = await screen.page.evaluate(() => (window as unknown as { statuses: string[] }).statuses);
      expect(statuses, screen.kind.name).not.toContain('silent');
      expect(statuses, screen.kind.name).not.toContain('slow');
    }
  }
});

test('screens that wake from a sleep without monotonic time are not live until they reconnect', async ({
  bar,
}) => {
  const { all, advance, until } = await openScreens(bar);
  await until(LIVE, 30);
  // Connections are dead, as after an hour of sleep.
  all.forEach(({ proxy }) => proxy.break('dropped'));
  await setClocks(all, 1);
  await advance(1);
  for (const screen of all) {
    expect((await screen.seen()).line, screen.kind.name).not.toBe('live');
  }
  all.forEach(({ proxy }) => proxy.repair());
  await until(LIVE, 30);
});
