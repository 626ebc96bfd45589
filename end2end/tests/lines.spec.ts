import type { Page } from '@playwright/test';

import { Crew } from '../support/crew.ts';
import { Random } from '../support/random.ts';
import { BOARD, Screen, TABLET, phone } from '../support/screens.ts';
import { type Bar, expect, test } from '../support/test.ts';
import { Wire } from '../support/wire.ts';

/** A phone with an order, a tablet and a board, each behind a wire, with clocks that stand still. */
interface Room {
  order: string;
  phone: Screen;
  tablet: Screen;
  board: Screen;
  all: Screen[];
  turn(seconds: number): Promise<void>;
  /** Turns the clocks until every screen says that of its line, at most so far. */
  until(line: RegExp, seconds: number): Promise<void>;
}

async function room(bar: Bar, prepare: (page: Page) => Promise<void> = async () => {}): Promise<Room> {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const wire = () => Wire.to(() => bar.server.addresses.site, new Random(1));
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const tablet = await bar.tablet('Ana');
  const wall = await bar.page(bar.variant.wall);
  await Promise.all([ada.page, tablet.page, wall].map(prepare));
  const screens = {
    phone: await Screen.open(phone(order), ada.page, await wire(), `/orders/${order}`),
    tablet: await Screen.open(TABLET, tablet.page, await wire(), '/barista'),
    board: await Screen.open(BOARD, wall, await wire(), '/display?sound=1'),
  };
  const all = Object.values(screens);
  const turn = async (seconds: number) => {
    for (let passed = 0; passed < seconds; passed += 1) {
      await Promise.all(all.map((screen) => screen.turn(1)));
    }
  };
  const until = async (line: RegExp, seconds: number) => {
    const say = async () => Promise.all(all.map(async (screen) => (await screen.seen()).line));
    for (let passed = 0; passed < seconds && !(await say()).every((each) => line.test(each)); passed += 1) {
      await turn(1);
      // What is under way needs time of the machine, but none of the page's clock.
      const asked = performance.now();
      while (performance.now() - asked < 400 && !(await say()).every((each) => line.test(each)));
    }
    expect((await say()).join(' ')).toMatch(new RegExp(`^((${line.source})( |$))+$`));
  };
  return { order, ...screens, all, turn, until };
}

const LIVE = /live/;

test('a board, a tablet and a phone that hear nothing say since when, with a sign, and pale; whatever wakes them, they connect at once', async ({
  bar,
}) => {
  const { phone, tablet, board, all, turn } = await room(bar);
  all.forEach(({ wire }) => wire.break('swallowed'));
  // The last heartbeat may have been five seconds ago.
  await turn(9);
  await expect(phone.page.locator('.line-banner p:not(.visually-hidden)')).toHaveCount(0);
  await turn(8);
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
    all.forEach(({ wire }) => wire.mend());
    for (const screen of all) {
      expect((await screen.seen()).line).not.toMatch(LIVE);
      // No timer runs: nothing but the event can be the reason.
      await screen.page.evaluate((name) => {
        const target = name === 'visibilitychange' ? document : window;
        target.dispatchEvent(new Event(name));
      }, event);
      await expect.poll(async () => (await screen.seen()).line, event).toMatch(LIVE);
    }
    all.forEach(({ wire }) => wire.break('torn'));
    await turn(17);
  }
  all.forEach(({ wire }) => wire.mend());
});

test('a page out of the memory of the browser reads again; where sockets are blocked it is true all the same, and says that it is slower', async ({
  bar,
}) => {
  const { all, order, turn, until, phone, tablet, board } = await room(bar);
  const crew = await Crew.of(bar, 'Ben');
  // The sockets look open, and nothing comes any more. Nobody has noticed yet.
  all.forEach(({ wire }) => wire.break('forgotten'));
  await crew.claim(order);
  all.forEach(({ wire }) => wire.mend());
  for (const screen of all) {
    await screen.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  }
  await expect.poll(async () => (await phone.seen()).shows).toBe('making 1');
  await expect.poll(async () => (await tablet.seen()).shows).toContain('making 1');
  for (const screen of all) {
    await expect.poll(async () => (await screen.seen()).line).toMatch(LIVE);
  }

  all.forEach(({ wire }) => {
    wire.sockets = false;
    wire.break('torn');
    wire.mend();
  });
  await until(/slow/, 20);
  await crew.serve(order);
  const ready = async () => `${(await phone.seen()).shows}, ${(await board.seen()).shows}`;
  await expect(async () => {
    await turn(1);
    await expect.poll(ready, { timeout: 1_000 }).toBe('ready 1, ready 1, preparing ');
  }).toPass();
  for (const { page } of all) {
    await expect(page.getByText(/Slower updates/).first()).toBeVisible();
  }
  // As soon as sockets are let through again, they are used.
  all.forEach(({ wire }) => (wire.sockets = true));
  await until(LIVE, 20);
});

test('what was heard before a gap or happened in it is not heard or moved after it', async ({ bar }) => {
  const { tablet, board, all, turn, until, order } = await room(bar, (page) =>
    page.addInitScript(() => {
      const heard: number[] = [];
      Object.assign(window, { heard });
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (this: OscillatorNode, ...given) {
        heard.push(this.frequency.value);
        start.apply(this, given);
      };
    }),
  );
  const crew = await Crew.of(bar, 'Ben');
  const heard = (screen: Screen) => screen.page.evaluate(() => (window as unknown as { heard: number[] }).heard.splice(0).length);
  await tablet.page.locator('.sound').click();
  await board.page.getByRole('button', { name: /Sound is off/ }).click();
  await expect(tablet.page.locator('.sound')).toHaveText('Sound on');
  await expect(board.page.locator('#muted')).toBeHidden();
  await heard(tablet);

  // While the line is whole, each is heard once: two notes for a new order, three for a drink that is ready.
  await crew.does('walk_in_order', { key: 'a', drink: 'Espresso' });
  await expect(tablet.page.locator('.card[data-new]')).toHaveCount(1);
  await expect.poll(() => heard(tablet)).toBe(2);
  await crew.make(order, 1);
  await expect(board.page.locator('.tile.new')).toHaveCount(1);
  await expect.poll(() => heard(board)).toBe(3);
  await tablet.page.locator('.lanes').click({ position: { x: 5, y: 5 } });

  all.forEach(({ wire }) => wire.break('torn'));
  await crew.does('claim_together', { 'orders[0]': (await id(bar, '2')) });
  await crew.serve(await id(bar, '2'));
  await bar.server.advance(30);
  await bar.server.restart('SIGKILL');
  await turn(40);
  all.forEach(({ wire }) => wire.mend());
  await until(LIVE, 20);
  await expect.poll(async () => (await board.seen()).shows).toBe('ready 1,2, preparing ');
  await expect.poll(async () => (await tablet.seen()).shows).toBe('up-next , making , ready 1,2, ended ');
  await turn(12);
  expect([await heard(tablet), await heard(board)], 'notes after the gap').toEqual([0, 0]);
  await expect(board.page.locator('.tile')).toHaveCount(2);
  await expect(board.page.locator('.tile.new')).toHaveCount(0);
});

/** The id of the order of this number. */
async function id(bar: Bar, number: string): Promise<string> {
  const order = (await bar.server.orders()).find((each) => each['orderNumber']?.S === number);
  return order?.['SK']?.S ?? '';
}

test('a page that a newer server has replaced goes on, and is loaded again when nothing is lost by it', async ({ bar }) => {
  bar.expects(/404|ERR_|WebSocket|Failed to load|net::/);
  const tablet = await bar.tablet('Ana');
  const { page } = tablet;
  const wire = await Wire.to(() => bar.server.addresses.site, new Random(1));
  await page.goto(wire.url('/barista'));
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  // Asked while the page is just being loaded again, it is another one.
  const same = () => page.evaluate(() => 'sameDocument' in window).catch(() => false);

  // The same pages: nothing happens.
  let asked = 0;
  page.on('request', (request) => (asked += request.method() === 'HEAD' ? 1 : 0));
  await bar.server.restart('SIGTERM');
  await expect.poll(() => asked).toBe(1);
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  expect(await same()).toBe(true);

  // Newer ones: somebody is about to cancel an order, and is not disturbed.
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
  await wire.close();
});

/** Sets the clock of each device, as a time server does. The clock for durations goes on from where it was. */
async function set(screens: Screen[], hours: number): Promise<void> {
  for (const { page } of screens) {
    const now = await page.evaluate(() => Date.now());
    await page.clock.setSystemTime(now + hours * 3_600_000);
  }
}

test('screens that hear nothing say so although their clocks are set back by an hour', async ({ bar }) => {
  const { all, turn, until } = await room(bar);
  all.forEach(({ wire }) => wire.break('swallowed'));
  await set(all, -1);
  await turn(17);
  for (const screen of all) {
    expect((await screen.seen()).line, screen.kind.name).toBe('silent');
  }
  all.forEach(({ wire }) => wire.mend());
  await until(LIVE, 30);
});

test('screens whose clocks are set forward or back by an hour do not say that they are not live', async ({ bar }) => {
  const { all, turn, until } = await room(bar);
  await until(LIVE, 30);
  for (const { page } of all) {
    // Everything that the page says of its line from now on, however short.
    await page.evaluate(() => {
      const said: string[] = [];
      const note = () => document.querySelectorAll<HTMLElement>('[data-line]').forEach((each) => said.push(each.dataset['line']!));
      new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true });
      Object.assign(window, { said });
    });
  }
  for (const hours of [1, -1]) {
    await set(all, hours);
    await turn(1);
    await until(LIVE, 10);
    for (const screen of all) {
      const said = await screen.page.evaluate(() => (window as unknown as { said: string[] }).said);
      expect(said, screen.kind.name).not.toContain('silent');
      expect(said, screen.kind.name).not.toContain('slow');
    }
  }
});

test('screens that wake from a sleep in which the clock for durations stood still are not live until they are connected', async ({
  bar,
}) => {
  const { all, turn, until } = await room(bar);
  await until(LIVE, 30);
  // What was open is dead for ever, as after an hour of sleep.
  all.forEach(({ wire }) => wire.break('swallowed'));
  await set(all, 1);
  await turn(1);
  for (const screen of all) {
    expect((await screen.seen()).line, screen.kind.name).not.toBe('live');
  }
  all.forEach(({ wire }) => wire.mend());
  await until(LIVE, 30);
});
