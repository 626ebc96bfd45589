import { writeFile } from 'node:fs/promises';

import { expect, test as base } from '@playwright/test';

import { type Element, type Engine, type Window, firefox, webkit } from '../../support/engines.ts';
import { TestServer } from '../../support/test-server.ts';
import { textOf } from '../../support/messages.ts';

// The life of an order in the browser engines that Playwright does not drive. What people see is tested in Chromium; this
// is whether the pages work at all elsewhere: the WebAssembly, the live connection, forms, sheets, and the wall's scripts.

const test = base.extend<{ server: TestServer }>({
  server: async ({}, use, info) => {
    const server = await TestServer.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: server.log, contentType: 'text/plain' });
    }
    await server.stop();
  },
});

/** A program that `cargo xtask test` has found. */
function program(variable: string): string {
  const path = process.env[variable];
  if (!path) {
    throw new Error(`${variable} names no program; run \`cargo xtask test browser --project engines\``);
  }
  return path;
}

const ENGINES: [string, () => Promise<Engine>][] = [
  ['Firefox', () => firefox(program('FIREFOX'))],
  ['WebKit', () => webkit(program('WEBKIT_DRIVER'), program('WEBKIT_BROWSER'), program('XVFB'))],
];

/** Waits for an element with this selector and text, and performs an action on it. */
async function on(
  window: Window,
  selector: string,
  text: string | RegExp,
  action: (element: Element) => Promise<void> = async () => {},
): Promise<void> {
  const matches = (content: string) => (typeof text === 'string' ? content.includes(text) : text.test(content));
  let reason = 'there is none';
  const attempt = async (): Promise<string> => {
    try {
      for (const element of await window.all(selector)) {
        if (matches(await element.text()) && (await element.visible())) {
          await action(element);
          return '';
        }
      }
      reason = 'there is none';
    } catch (error) {
      // The element was replaced meanwhile, or is still covered.
      reason = String(error);
    }
    return reason;
  };
  await expect.poll(attempt, { message: `${selector} with the text ${text}` }).toBe('');
}

/** Waits until an element has this text. */
const see = (window: Window, selector: string, text: string | RegExp) => on(window, selector, text);

const tap = (window: Window, selector: string, text: string | RegExp = '') =>
  on(window, selector, text, (element) => element.click());

/** Whether the page says that it is not live. */
const SILENT = `document.querySelector('[data-line="silent"]') !== null`;

async function live(window: Window): Promise<void> {
  await expect.poll(() => window.evaluate(`document.querySelector('[data-line="live"]') !== null`)).toBe(true);
}

for (const [name, start] of ENGINES) {
  test(`in ${name} a guest orders, a barista makes it, the display calls it, and the guest collects it`, async ({ server }, info) => {
    const engine = await start();
    const windows: Window[] = [];
    const open = async (url: string): Promise<Window> => {
      const window = await engine.window();
      windows.push(window);
      await window.open(url);
      return window;
    };
    try {
      const guest = await open(server.url('/'));
      await live(guest);
      await tap(guest, 'a.drink', 'Cappuccino');
      await tap(guest, '[role=dialog] label.chip', 'Oat milk');
      await tap(guest, '[role=dialog] button[type=submit]', 'Order oat cappuccino');
      await expect.poll(() => guest.address()).toContain('/orders/');
      await see(guest, 'h1', textOf('en', 'order_next'));
      await see(guest, '.headline .number', /^1$/);

      const tablet = await open(server.addresses.staff);
      await on(tablet, 'input#name', '', (element) => element.fill('Ana'));
      await tap(tablet, 'form.sign-in button');
      await live(tablet);
      const display = await open(server.url('/display'));
      await see(display, '#preparing .number', /1$/);

      await tap(tablet, 'li button', textOf('en', 'barista_claim'));
      await see(guest, 'h1', textOf('en', 'order_making_headline'));
      await tap(tablet, 'li button', textOf('en', 'barista_ready'));
      await see(tablet, 'button', textOf('en', 'barista_undo'));
      await server.advance(4);
      await see(guest, 'h1', textOf('en', 'order_ready_headline'));
      await see(display, '#ready .number', /1$/);

      await tap(guest, 'button', textOf('en', 'order_collect'));
      await see(guest, 'h1', textOf('en', 'order_collected_headline'));
      expect(await server.state('1')).toBe('COLLECTED');
      await expect.poll(async () => (await display.all('#ready .number')).length).toBe(0);

      // No screen is live without a server.
      await server.stop();
      for (const window of [guest, tablet, display]) {
        await expect.poll(() => window.evaluate(SILENT), { timeout: 60_000 }).toBe(true);
      }
    } catch (error) {
      for (const [at, window] of windows.entries()) {
        await writeFile(info.outputPath(`window-${at}.png`), await window.picture());
      }
      throw error;
    } finally {
      await engine.close();
    }
  });
}
