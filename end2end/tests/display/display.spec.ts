import type { Page } from '@playwright/test';

import { BulkOrders } from '../../support/bulk-orders.ts';
import { type TestBar, expect, test } from '../../support/test.ts';

/** A display with the settings of the URL. */
async function openDisplay(bar: TestBar, query = '', viewport = { width: 1920, height: 1080 }): Promise<Page> {
  const page = await bar.page({ viewport });
  await page.goto(bar.server.url(`/display?${query}`));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  return page;
}

const numbers = (page: Page, list: string) => page.locator(`#${list} .number`).allInnerTexts();

test('the display loads no WebAssembly and only its own files', async ({ bar }) => {
  const page = await bar.page({ viewport: { width: 1920, height: 1080 } });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(bar.server.url('/display'));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  expect(asked.filter((path) => !/^\/(display|live|pkg\/display\/board-\d+\.woff2|pkg\/icon\.svg)$|^\/pkg\/(session|layout|line|sound|fill|call|wall)-[0-9a-f]+\.js$/.test(path))).toEqual([]);
});

test('twenty ready and twenty preparing orders can be read at five metres, and none is missing', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  const first = await bulkOrders.place(20);
  await bulkOrders.finish(first);
  const second = await bulkOrders.place(20);
  // Long enough for no number to be new.
  await bar.server.advance(30);
  const page = await openDisplay(bar, 'in=43&m=5');
  const seen = { ready: new Set<string>(), preparing: new Set<string>() };
  await expect(async () => {
    for (const list of ['ready', 'preparing'] as const) {
      (await numbers(page, list)).forEach((number) => seen[list].add(number));
    }
    expect([...seen.ready].sort()).toEqual([...first].sort());
    expect([...seen.preparing].sort()).toEqual([...second].sort());
  }).toPass({ timeout: 30_000 });

  // The height of a drawn digit on a screen of 43 inches with 1080 pixels.
  const heights = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('#ready .number, #preparing .number')].map((element) => {
      const style = getComputedStyle(element);
      const canvas = document.createElement('canvas').getContext('2d')!;
      canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      return { height: canvas.measureText('1').actualBoundingBoxAscent, font: canvas.font, visible: element.getClientRects().length };
    }),
  );
  const millimetres = (43 * 25.4 * 0.4903) / 1080;
  const minutes = heights.map(({ height }) => (Math.atan((height * millimetres) / 5000) * 180 * 60) / Math.PI);
  expect(heights.length).toBeGreaterThanOrEqual(8 + 4);
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(20);
});

test('a new number fills the screen for a moment if enabled', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  const [one] = await bulkOrders.place(1);
  const page = await bar.page({ viewport: { width: 1920, height: 1080 } });
  await page.clock.install();
  await page.goto(bar.server.url('/display?call=1'));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  const other = await openDisplay(bar);
  await page.clock.pauseAt(Date.now() + 1_000);
  await bulkOrders.finish([one!]);
  await expect(page.locator('#called')).toHaveText(one!);
  await expect(page.locator('#call')).toBeVisible();
  const box = (await page.locator('#call').boundingBox())!;
  expect(Math.min(box.width / 1920, box.height / 1080), 'it fills the screen').toBeGreaterThan(0.98);
  await page.clock.runFor(2_400);
  await expect(page.locator('#call')).toBeVisible();
  await page.clock.runFor(200);
  await expect(page.locator('#call')).toBeHidden();
  await expect(page.locator('.tile.new')).toHaveText(new RegExp(`${one}$`));
  await expect(other.locator('.tile')).toHaveCount(1);
  await expect(other.locator('#call')).toBeHidden();
});

test('a new number is marked, plays one chime, and is spoken in both languages one after the other', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  const [one, two] = await bulkOrders.place(2);
  const page = await bar.page({ viewport: { width: 1920, height: 1080 } });
  await page.addInitScript(() => {
    const log: string[] = [];
    let speaking = 0;
    Object.assign(window, { log });
    Object.defineProperty(window, 'speechSynthesis', {
      value: {
        speak(words: SpeechSynthesisUtterance) {
          speaking += 1;
          log.push(`${words.lang} ${words.text} ${words.rate.toFixed(1)}${speaking > 1 ? ' overlaps' : ''}`);
          setTimeout(() => {
            speaking -= 1;
            words.onend?.(new Event('end') as SpeechSynthesisEvent);
          }, 50);
        },
      },
    });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...given) {
      log.push('note');
      start.apply(this, given);
    };
  });
  await page.goto(bar.server.url('/display?lang=en.de&sound=1&voice=1'));
  const muted = page.getByRole('button', { name: /Sound is off/ });
  await expect(muted, 'there was no user gesture').toBeVisible();
  await muted.click();
  await expect(muted).toBeHidden();
  await bulkOrders.finish([one!, two!]);
  await expect(page.locator('.tile.new')).toHaveCount(2);
  await expect(page.locator('.tile.new').first()).toContainText('New');
  const log = () => page.evaluate(() => (window as unknown as { log: string[] }).log);
  await expect(async () => expect((await log()).filter((line) => line !== 'note')).toHaveLength(4)).toPass();
  const spoken = (await log()).filter((line) => line !== 'note');
  expect(spoken[0]).toMatch(/^en Order \d, ready 0\.9$/);
  expect(spoken[1]).toMatch(/^de Bestellung \d ist fertig 0\.9$/);
  expect(spoken.join(' ')).not.toContain('overlaps');
  const chimes = (await log()).filter((line) => line === 'note').length / 3;
  expect([1, 2], 'one chime for each update').toContain(chimes);
  await expect(page.locator('.tile.new'), 'the mark is removed after six seconds').toHaveCount(0);
  await expect(page.locator('.tile')).toHaveCount(2);
});

test('old numbers are not announced by a display that starts', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  await bulkOrders.finish(await bulkOrders.place(1));
  await bar.server.advance(60);
  const page = await openDisplay(bar);
  await expect(page.locator('.tile')).toHaveCount(1);
  await expect(page.locator('.tile.new')).toHaveCount(0);
});

test('a number that is not collected for five minutes moves to its own row', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  const [one, two] = await bulkOrders.place(2);
  await bulkOrders.finish([one!]);
  const page = await openDisplay(bar);
  await expect(page.locator('#ready .number')).toHaveText([one!]);
  await bar.server.advance(301);
  await expect(page.getByRole('region', { name: 'Not collected' })).toContainText(one!);
  await expect(page.locator('#ready')).toBeHidden();
  await expect(page.locator('#next-up')).toContainText(two!);
});

test('P pauses and resumes the turning of pages', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  await bulkOrders.finish(await bulkOrders.place(14));
  await bar.server.advance(30);
  const page = await openDisplay(bar);
  await expect(page.locator('#ready-page')).toHaveText(/^[12] \/ 2$/);
  await page.keyboard.press('p');
  await expect(page.locator('#ready-page')).toHaveText(/^[12] \/ 2 held$/);
  await page.keyboard.press('p');
  await expect(page.locator('#ready-page')).toHaveText(/^[12] \/ 2$/);
});

test('without turning pages the display shows how many more there are', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  await bulkOrders.place(19);
  const page = await openDisplay(bar, 'page=0');
  await expect(page.locator('#preparing .number')).toHaveCount(16);
  await expect(page.locator('#preparing-page')).toHaveText('+ 3 more');
});

test('a display without frames for fifteen seconds shows since when, dims, and recovers by itself', async ({ bar }) => {
  bar.expects(/live|ERR_|WebSocket/);
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  await bulkOrders.place(1);
  const page = await bar.page({ viewport: { width: 1920, height: 1080 } });
  let blocked = false;
  await page.routeWebSocket('**/live', (socket) => {
    if (!blocked) {
      const server = socket.connectToServer();
      server.onMessage((message) => (blocked ? undefined : socket.send(message)));
    }
  });
  await page.route('**/api/read_topics', (route) => route.abort());
  await page.goto(bar.server.url('/display'));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  blocked = true;
  await expect(page.getByRole('status')).toHaveText(/^Not live since \d+:\d\d, please ask at the bar$/, { timeout: 25_000 });
  await expect(page.locator('.board')).toHaveCSS('opacity', '0.6');
  blocked = false;
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live', { timeout: 25_000 });
  await expect(page.getByRole('status')).toHaveText('');
});

test('with blocked websockets the display polls and says so', async ({ bar }) => {
  bar.expects(/live|WebSocket/);
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  const page = await bar.page({ viewport: { width: 1920, height: 1080 } });
  await page.routeWebSocket('**/live', (socket) => void socket.close());
  await page.goto(bar.server.url('/display'));
  await bulkOrders.place(1);
  await expect(page.locator('#preparing .number')).toHaveCount(1, { timeout: 20_000 });
  await expect(page.getByText('Slower updates')).toBeVisible();
});

test('the layout moves by some pixels every three minutes against burn-in', async ({ bar }) => {
  const page = await openDisplay(bar);
  const places = await page.evaluate(() => {
    const [drift] = document.getElementById('stage')!.getAnimations();
    return [0, 181_000, 361_000, 541_000].map((time) => {
      drift!.currentTime = time;
      const { x, y } = document.getElementById('stage')!.getBoundingClientRect();
      return `${x} ${y}`;
    });
  });
  expect(new Set(places).size).toBe(4);
});

test('the set-up needs no script, shows what fits, and results in a URL for the television', async ({ bar }) => {
  const page = await bar.page({ viewport: { width: 1180, height: 820 } });
  await page.goto(bar.server.url('/display/setup'));
  await page.getByLabel('Size of the screen').fill('32');
  await page.getByLabel('Distance of the farthest guest').fill('a lot');
  await page.getByRole('button', { name: 'Work it out' }).click();
  await expect(page.getByText('Give a distance between 1 and 30 metres.')).toBeVisible();
  await page.getByLabel('Size of the screen').fill('32');
  await page.getByLabel('Distance of the farthest guest').fill('6');
  await page.getByLabel('Second language beside it').selectOption('de');
  await page.getByLabel('Chime when a drink is ready').check();
  await page.getByRole('button', { name: 'Work it out' }).click();
  await expect(page.getByText(/A page holds \d+ ready orders and \d+ in preparation/)).toBeVisible();
  await expect(page.getByText('Can you read 47 from the back wall?')).toBeVisible();
  const before = await page.locator('.test').evaluate((card) => parseFloat(getComputedStyle(card).fontSize));
  await page.getByRole('link', { name: 'No, make it larger' }).click();
  const after = await page.locator('.test').evaluate((card) => parseFloat(getComputedStyle(card).fontSize));
  expect(after).toBeGreaterThan(before * 1.1);
  await page.getByRole('link', { name: 'Yes, start the board' }).click();
  await expect(page).toHaveURL(/\/display\?in=32&m=6&lang=en\.de&sound=1&larger=1$/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Scannen und bestellen');
});

test('F toggles full screen, and a button is shown while a user is active', async ({ bar }) => {
  const page = await openDisplay(bar);
  const button = page.locator('#fill');
  const isFullScreen = () => page.evaluate(() => document.fullscreenElement !== null);
  await expect(button).toBeHidden();
  await page.mouse.move(400, 400);
  await expect(button).toBeVisible();
  await button.click();
  await expect.poll(isFullScreen).toBe(true);
  await expect(button).toBeHidden();
  await page.keyboard.press('f');
  await expect.poll(isFullScreen).toBe(false);
  await page.keyboard.press('F');
  await expect.poll(isFullScreen).toBe(true);
});

test('the set-up uses the selected language and keeps the measurements', async ({ bar }) => {
  const page = await bar.page({ viewport: { width: 1180, height: 820 } });
  await page.goto(bar.server.url('/display/setup?in=55&m=8'));
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Diesen Bildschirm einrichten');
  await expect(page.getByLabel('Größe des Bildschirms')).toHaveValue('55');
  await expect(page.getByRole('button', { name: 'Deutsch' })).toHaveAttribute('aria-current', 'true');
});

test('the display on a phone announces and vibrates for its own number only', async ({ bar }) => {
  const bulkOrders = new BulkOrders(await bar.tablet('Ana'));
  const [one, two] = await bulkOrders.place(2);
  const page = await bar.page();
  await page.addInitScript(() => {
    const vibrations: unknown[] = [];
    Object.assign(window, { vibrations });
    navigator.vibrate = (pattern) => vibrations.push(pattern) > 0;
  });
  await page.goto(bar.server.url(`/display/mine?number=${two}`));
  await expect(page.locator('html')).toHaveAttribute('data-line', 'live');
  const vibrations = () => page.evaluate(() => (window as unknown as { vibrations: unknown[] }).vibrations.length);
  await bulkOrders.finish([one!]);
  await expect(page.getByRole('region', { name: 'Ready' }).getByText(one!, { exact: true })).toBeVisible();
  await expect(page.getByRole('status')).toHaveText('');
  expect(await vibrations()).toBe(0);
  await bulkOrders.finish([two!]);
  await expect(page.getByRole('status')).toHaveText("It's ready! Come to the bar.");
  expect(await vibrations()).toBe(1);
});
