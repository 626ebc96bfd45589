import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { parse } from 'acorn';
import DoIUse from 'doiuse/lib/DoIUse.js';
import postcss from 'postcss';

import { expect, test } from '@playwright/test';

import { displayScripts, doppio, plain } from '../../support/display-scripts.ts';

const ROOT = join(import.meta.dirname, '../../..');
const STYLES = join(ROOT, 'style/display');
const STYLE = readdirSync(STYLES).map((name) => readFileSync(join(STYLES, name), 'utf8')).join('');

test('the scripts of the display are ES2018 without modules', () => {
  for (const [name, script] of Object.entries(displayScripts())) {
    expect(() => parse(script, { ecmaVersion: 2018, sourceType: 'script' }), name).not.toThrow();
  }
  expect(() => parse('a?.b', { ecmaVersion: 2018 }), 'the check rejects newer syntax').toThrow();
});

test('the scripts of the display call only functions of Chromium 68', () => {
  // Common methods that a television of 2020 does not support.
  const newer = /\.(replaceAll|matchAll|at|flat|flatMap|fromEntries|allSettled|replaceChildren|hasOwn)\(|globalThis|structuredClone|queueMicrotask|ResizeObserver|AbortSignal\.timeout/;
  for (const [name, script] of Object.entries(displayScripts())) {
    expect(script.match(newer)?.[0], name).toBeUndefined();
  }
});

/** The features in the style sheet that Chromium 68 does not support. */
function unsupportedFeatures(css: string): string[] {
  const found: string[] = [];
  const checker = new DoIUse({ browsers: ['chrome 68'], onFeatureUsage: ({ feature, usage }) => found.push(`${feature}: ${usage}`) });
  postcss([checker]).process(css, { from: undefined }).sync();
  // Features that doiuse does not know.
  const more = /@layer|:is\(|:where\(|:has\(|:focus-visible|\binset:|(margin|padding|inset|border)-(inline|block)|[^-]aspect-ratio:|\b(min|max|clamp)\(|&[ .:]/;
  css
    .replace(/\/\*[^]*?\*\//g, '')
    .split('\n')
    .filter((line) => more.test(line))
    .forEach((line) => found.push(line.trim()));
  return found;
}

test('the style sheet of the display uses only features of Chromium 68', () => {
  // False positives: `overflow: hidden`, `minmax`, clipping to a box. And two media queries: without support the display
  // stays dark and moves for a quarter of a second.
  const harmless = /^(css-overflow|css-math-functions: .*minmax|prefers-reduced-motion|prefers-color-scheme|css-masks: .*clip-path|css-clip-path)/;
  expect(unsupportedFeatures(STYLE).filter((found) => !harmless.test(found))).toEqual([]);
  for (const newer of ['a { margin-inline-start: 1px }', 'a:focus-visible { color: red }', 'a { inset: 0 }', 'a { width: min(1px, 2px) }']) {
    expect(unsupportedFeatures(newer), newer).not.toEqual([]);
  }
});

test('the display is small; its scripts have at most 20 KB', () => {
  const brotli = (text: string) => brotliCompressSync(Buffer.from(text)).length;
  const scripts = Object.values(displayScripts()).reduce((sum, script) => sum + brotli(script), 0);
  const fonts = ['board-500.woff2', 'board-800.woff2'].map((name) => readFileSync(join(ROOT, 'public/display/fonts', name)).length);
  const all = scripts + brotli(STYLE) + fonts.reduce((sum, each) => sum + each, 0);
  expect(scripts).toBeLessThan(20_000);
  // The document is measured with the built product (`cargo xtask size`), so the limit here is generous.
  expect(all).toBeLessThan(35_500);
});

const board = (...is: object[]) => ({ board: { state: { of: 'board', is }, epoch: 7, seq: 3 } });
const put = (seq: number, number: number) => ({
  frame: 'delta',
  topic: 'board',
  seq,
  change: { change: 'boardPut', to: { number, column: 'preparing', since: 0 } },
});
const names = (acts: unknown[][]) => acts.map((act) => act[0]);
const RESUMED = { frame: 'resumed', topic: 'board', epoch: 7, seq: 3 };
const HEARTBEAT = { frame: 'heartbeat', now: 5 };

/** A live session whose first connection was answered at time 0. */
function live() {
  const session = new (doppio().Session)(board({ number: 1, column: 'preparing', since: 0 }), 0);
  expect(plain(session.open!(0))).toEqual([['open', 1]]);
  session.opened!(1, 0);
  expect(plain(session.frame!(1, RESUMED, 0, 0))).toEqual([['tell', 'live', 0]]);
  return session;
}

test('the first connection resumes at the position of the page, and the next change is shown', () => {
  const session = new (doppio().Session)(board(), 0);
  session.open!(0);
  const hello = { frame: 'hello', subscriptions: [{ topic: 'board', resume: { epoch: 7, seq: 3 } }] };
  expect(plain(session.opened!(1, 0))).toEqual([['send', hello]]);
  expect(names(session.frame!(1, HEARTBEAT, 8, 0)), 'a heartbeat answers for no topic').toEqual(['clock']);
  expect(names(session.frame!(1, RESUMED, 9, 0))).toEqual(['tell']);
  expect(names(session.frame!(1, put(4, 2), 10, 0))).toEqual(['show']);
  expect(session.frame!(1, put(4, 2), 11, 0), 'a repeated change has no effect').toHaveLength(0);
  const old = { frame: 'snapshot', topic: 'board', epoch: 7, seq: 3, state: { of: 'board', is: [] } };
  expect(session.frame!(1, old, 12, 0), 'an old snapshot has no effect').toHaveLength(0);
});

test('after missed changes one snapshot is requested, and the display is not live before it arrives', () => {
  const session = live();
  const acts = session.frame!(1, put(6, 9), 10, 0);
  const hello = { frame: 'hello', subscriptions: [{ topic: 'board' }] };
  expect(plain(acts)).toEqual([['send', hello], ['tell', 'starting', 0]]);
  expect(session.frame!(1, put(7, 9), 20, 0)).toHaveLength(0);
  const snapshot = { frame: 'snapshot', topic: 'board', epoch: 7, seq: 7, state: { of: 'board', is: [] } };
  expect(names(session.frame!(1, snapshot, 30, 0))).toEqual(['show', 'tell']);
});

test('a snapshot older than a known change does not make the display live', () => {
  const session = live();
  session.frame!(1, put(5, 9), 10, 0);
  // The requested snapshot has number 5, and the next change arrives before it.
  expect(session.frame!(1, put(6, 8), 20, 0)).toHaveLength(0);
  const snapshot = (seq: number) => ({ frame: 'snapshot', topic: 'board', epoch: 7, seq, state: { of: 'board', is: [] } });
  expect(names(session.frame!(1, snapshot(5), 30, 0))).toEqual(['show', 'send']);
  expect(names(session.frame!(1, snapshot(6), 40, 0))).toEqual(['show', 'tell']);

  const denied = live();
  denied.frame!(1, { frame: 'denied', topic: 'board' }, 10, 0);
  expect(names(denied.frame!(1, snapshot(4), 20, 0)), 'a denied topic is not live').not.toContain('tell');

  const behind = live();
  behind.closed!(1, 100, 0);
  behind.retry!(1, 600);
  behind.opened!(2, 600);
  behind.frame!(2, { ...RESUMED, head: 5 }, 700, 0);
  expect(names(behind.frame!(2, snapshot(3), 710, 0)), 'two changes are missing').toEqual(['show']);
});

test('a change before the answer of a new server is ignored', () => {
  const session = live();
  session.closed!(1, 100, 0);
  session.retry!(1, 600);
  session.opened!(2, 600);
  expect(names(session.frame!(2, put(4, 8), 700, 0))).toEqual(['send']);
  const snapshot = { frame: 'snapshot', topic: 'board', epoch: 8, seq: 4, state: { of: 'board', is: [] } };
  expect(names(session.frame!(2, snapshot, 800, 0))).toEqual(['show', 'anew', 'tell']);
});

test('fifteen seconds of silence are shown until the next answer', () => {
  const session = live();
  session.frame!(1, HEARTBEAT, 1_000, 0);
  expect(session.tick!(16_000, 0)).toHaveLength(0);
  const acts = plain(session.tick!(16_001, 0));
  expect(acts.slice(0, 3)).toEqual([['tell', 'silent', 1_000], ['close'], ['retry', 1, 500]]);
  expect(plain(session.retry!(1, 16_501))).toEqual([['open', 2]]);
  session.opened!(2, 16_502);
  expect(plain(session.frame!(2, RESUMED, 17_000, 0))).toEqual([['tell', 'live', 17_000]]);
});

test('a connection without an answer is abandoned, and meanwhile the display polls', () => {
  const session = new (doppio().Session)(board(), 0);
  session.open!(0);
  session.opened!(1, 100);
  expect(names(session.tick!(5_000, 0))).toEqual(['poll']);
  session.frame!(1, HEARTBEAT, 10_000, 0);
  expect(names(session.tick!(10_101, 0))).toEqual(['close', 'retry', 'poll']);
});

test('an abandoned connection changes nothing, and after `bye` the display reconnects at the given time', () => {
  const session = live();
  const acts = session.frame!(1, { frame: 'bye', retry_in_ms: 2_000 }, 100, 0);
  expect(plain(acts)).toEqual([['close'], ['retry', 2, 2_000], ['tell', 'starting', 0]]);
  expect(session.frame!(1, put(4, 2), 200, 0)).toHaveLength(0);
  expect(session.closed!(1, 200, 0)).toHaveLength(0);
  expect(plain(session.retry!(2, 2_000))).toEqual([['open', 3]]);
  session.closed!(3, 3_000, 0);
  expect(session.opened!(3, 3_100), 'an abandoned socket that opens is ignored').toHaveLength(0);
  expect(plain(session.retry!(3, 3_500)), 'the next socket is opened').toEqual([['open', 4]]);
});

test('frames of a connection to a previous server are ignored', () => {
  const session = new (doppio().Session)(board(), 0);
  session.open!(0);
  session.opened!(1, 0);
  // The response is delayed while the server restarts.
  const anew = { topic: 'board', state: { of: 'board', is: [] }, position: { epoch: 8, seq: 2 } };
  expect(names(session.polled!(5, [anew], 4_000, 4_100, 0))).toEqual(['clock', 'show', 'anew', 'close', 'retry']);
  expect(session.frame!(1, RESUMED, 4_200, 0)).toHaveLength(0);
  expect(plain(session.retry!(2, 4_600))).toEqual([['open', 3]]);
});

test('reconnect delays are random from half a second to fifteen seconds, and zero when the network returns', () => {
  const { retryAfter } = doppio();
  expect([retryAfter(1, 0), retryAfter(1, 1), retryAfter(9, 0), retryAfter(9, 1)]).toEqual([500, 1_000, 500, 15_000]);
  const session = live();
  session.closed!(1, 100, 1);
  expect(plain(session.wake!(150, false))).toEqual([['open', 2]]);
  expect(session.retry!(1, 1_100), 'the earlier timer opens no second socket').toHaveLength(0);
  session.opened!(2, 160);
  session.frame!(2, RESUMED, 200, 0);
  expect(session.wake!(300, false), 'a socket with a recent frame is kept').toHaveLength(0);
  expect(names(session.wake!(300, true)), 'a page from the back/forward cache has no socket').toEqual(['open', 'tell']);
});

test('with blocked websockets the display polls every two seconds and says so', () => {
  const session = new (doppio().Session)(board(), 0);
  session.open!(0);
  session.closed!(1, 10, 0);
  expect(session.tick!(1_000, 0)).toHaveLength(0);
  expect(names(session.tick!(2_000, 0))).toEqual(['poll']);
  expect(session.tick!(3_000, 0)).toHaveLength(0);
  expect(names(session.tick!(3_990, 0)), 'an early tick polls too').toEqual(['poll']);
  const read = (epoch: number, seq: number) => [{ topic: 'board', state: { of: 'board', is: [] }, position: { epoch, seq } }];
  expect(plain(session.polled!(99, read(7, 4), 9_990, 10_100, 0))).toEqual([['clock', 99], ['show', 'board'], ['tell', 'slow', 10_100]]);
  expect(session.polled!(99, read(6, 9), 9_000, 10_200, 0), 'an overtaken response').toHaveLength(0);
  expect(names(session.polled!(99, read(7, 3), 10_000, 10_300, 0)), 'a response that is older than the shown state').toEqual(['clock']);
});

test('the first response after failures opens a connection soon', () => {
  const session = live();
  session.closed!(1, 100, 1);
  session.retry!(1, 1_100);
  session.unreached!();
  const acts = session.polled!(99, [], 130_000, 130_100, 1);
  expect(plain(acts).slice(-2)).toEqual([['close'], ['retry', 3, 1_000]]);
});

test('a number that is not collected for five minutes is shown apart', () => {
  const entry = (number: number, column: string, since: number) => ({ number, column, since });
  const lists = doppio().sort([entry(1, 'ready', 0), entry(2, 'ready', 200_000), entry(3, 'ready', 250_000), entry(4, 'preparing', 0)], 300_001);
  const numbers = (list: { number: number }[]) => plain(list).map((each) => each.number);
  expect([numbers(lists.ready), numbers(lists.left), numbers(lists.preparing)]).toEqual([[3, 2], [1], [4]]);
});

test('under any load each number is shown for a whole page in every round, and a new one at once', () => {
  const STAY = 8_000;
  const wrong: string[] = [];
  for (let load = 0; load < 40; load += 1) {
    const pager = new (doppio().Pager)();
    let numbers = Array.from({ length: 5 + load }, (_, at) => at);
    let next = numbers.length;
    const lastShown = new Map<number, number>(numbers.map((number) => [number, 0]));
    for (let now = 0; now < 400_000; now += 500) {
      const news: number[] = [];
      // Sometimes one or two orders become ready, and one is collected.
      if ((now / 500) % (7 + (load % 5)) === 3) {
        news.push(next);
        numbers = [next, ...numbers];
        next += 1;
        if (numbers.length > 20 + (load % 9)) {
          lastShown.delete(numbers.at((now / 500) % numbers.length)!);
          numbers = numbers.filter((_, at) => at !== (now / 500) % numbers.length);
        }
      }
      const turned = plain(pager.turn(numbers, news, 12, STAY, now));
      if (turned.shown.length > 12 || turned.page > turned.pages) {
        wrong.push(`${turned.shown.length} numbers on page ${turned.page} of ${turned.pages}`);
      }
      for (const number of news.filter((each) => numbers.includes(each) && !turned.shown.includes(each))) {
        wrong.push(`the new ${number} is not on the page that is shown`);
      }
      turned.shown.forEach((number) => lastShown.set(number, now));
      for (const number of numbers.filter((each) => now - (lastShown.get(each) ?? now) > 6 * STAY)) {
        wrong.push(`${number} was skipped at ${now}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('a page is shown for eight seconds; without turning pages the display shows how many more there are', () => {
  const numbers = Array.from({ length: 20 }, (_, at) => at);
  const pager = new (doppio().Pager)();
  const at = (now: number) => plain(pager.turn(numbers, [], 12, 8_000, now));
  const first = at(0);
  expect([first.page, first.pages, first.shown]).toEqual([1, 2, numbers.slice(0, 12)]);
  expect(at(7_999)).toEqual(first);
  const second = at(8_000);
  expect([second.page, second.pages, second.shown.slice(-8)]).toEqual([2, 2, numbers.slice(12)]);
  expect(at(16_000)).toEqual(first);
  const still = new (doppio().Pager)();
  expect(plain(still.turn(numbers, [], 12, 0, 0))).toMatchObject({ shown: numbers.slice(0, 12), more: 8 });
  expect(plain(still.turn(numbers, [19], 12, 0, 99_000)).shown).toContain(19);
});

test('a new number fills the screen for two and a half seconds if enabled, but not under load', () => {
  const calls = new (doppio().Calls)(true);
  expect(calls.shown(0)).toHaveLength(0);
  expect(calls.call([5], 10_000)).toBe(true);
  expect(plain(calls.shown(12_499))).toEqual([5]);
  expect(calls.shown(12_500)).toHaveLength(0);
  calls.call([6], 20_000);
  calls.call([7], 21_000);
  expect(plain(calls.shown(21_000)), 'the earlier call is not shortened').toEqual([6, 7]);
  expect(calls.call([8], 22_000), 'the fourth within a minute').toBe(false);
  expect(calls.shown(22_000)).toHaveLength(0);
  expect(calls.call([9], 90_000)).toBe(true);
  expect(new (doppio().Calls)(false).call([5], 0)).toBe(false);
});
