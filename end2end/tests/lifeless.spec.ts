import type { Page } from '@playwright/test';

import { Crew } from '../support/crew.ts';
import { expectGoodState } from '../support/states.ts';
import { expect, test } from '../support/test.ts';

const WASM = /\.wasm/;

const said = (page: Page) => page.locator('.lifeless');

/** Opens an address with a clock that the test turns; what must come for it to live never does. */
async function hangs(page: Page, address: string): Promise<void> {
  await page.route(WASM, () => {});
  await page.clock.install();
  await page.goto(address);
  await page.clock.pauseAt(Date.now() + 1_000);
}

test('a page whose script does not come says after fifteen seconds that it is not live, and is loaded again', async ({ bar }) => {
  const crew = await Crew.of(bar);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  await hangs(ada.page, bar.server.url(`/orders/${order}`));
  await ada.page.clock.runFor(13_000);
  await expect(said(ada.page)).toHaveCount(0);
  await ada.page.clock.runFor(4_000);
  await expect(said(ada.page)).toHaveText(/^Not live since \d\d:\d\d: this page does not update itself\. Load again$/);

  await crew.claim(order);
  const again = ada.page.waitForEvent('load');
  await ada.page.clock.runFor(15_000);
  await again;
  await expect(ada.headline).toHaveText(ada.say('order_making_headline'));
});

test('a page that could not be loaded again stays, and says that it is not live', async ({ bar }) => {
  // Whether the script that asks for the WebAssembly has come before the line went is left to chance.
  bar.expects(/ERR_INTERNET_DISCONNECTED|dynamically imported/);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  const number = await ada.called();
  await hangs(ada.page, bar.server.url(`/orders/${order}`));
  await ada.page.context().setOffline(true);
  const asked = ada.page.waitForEvent('requestfailed');
  await ada.page.clock.runFor(40_000);
  await asked;
  await expect(said(ada.page)).toBeVisible();
  await expect(ada.number).toHaveText(number);
});

test('a tablet without its script is loaded again every ten seconds; a menu is not, and says so', async ({ bar }) => {
  bar.expects(/Failed to fetch|ERR_FAILED|Failed to load|dynamically imported/);
  const without = async (page: Page) => {
    await page.route(WASM, (route) => route.abort());
    await page.clock.install();
  };
  const tablet = await bar.tablet('Ana');
  await without(tablet.page);
  await tablet.page.reload();
  await expect(tablet.page.locator('html[data-lifeless]')).toBeAttached();
  const ada = await bar.phone();
  await ada.order('Latte');
  const number = await ada.called();
  await expect(tablet.card(number)).toHaveCount(0);
  const again = tablet.page.waitForEvent('load');
  await tablet.page.clock.runFor(11_000);
  await again;
  await expect(tablet.card(number, tablet.upNext)).toBeVisible();

  const ben = await bar.phone();
  await without(ben.page);
  await ben.page.reload();
  await expect(ben.page.locator('html[data-lifeless]')).toBeAttached();
  let loads = 0;
  ben.page.on('load', () => (loads += 1));
  await ben.page.clock.runFor(60_000);
  await expect(said(ben.page)).toContainText('Load again');
  expect(loads).toBe(0);
  await expectGoodState(ben.page, 'menu-lifeless');
  await said(ben.page).getByRole('link').click();
  await expect.poll(() => loads).toBe(1);
});

test('a page that is not rendered any more says so, and takes it back when it is again', async ({ bar }) => {
  bar.expects(/WebSocket/);
  const ada = await bar.phone();
  await ada.page.clock.install();
  await ada.page.reload();
  await expect(ada.page.locator('[data-line="live"]')).toBeAttached();
  // The WebAssembly goes on, but what it writes to is not in the document any more.
  await ada.page.evaluate(() => {
    const own = document.getElementById('rendered-at')!;
    const copy = own.cloneNode() as HTMLElement;
    const swap = { stop: () => own.replaceWith(copy), go: () => copy.replaceWith(own) };
    Object.assign(window, { swap });
  });
  const swap = (how: 'stop' | 'go') =>
    ada.page.evaluate((how) => (window as unknown as { swap: Record<string, () => void> }).swap[how]!(), how);
  await ada.page.clock.pauseAt(Date.now() + 1_000);
  await ada.page.clock.runFor(40_000);
  await expect(said(ada.page), 'a script that lives').toHaveCount(0);
  await swap('stop');
  await ada.page.clock.runFor(17_000);
  await expect(said(ada.page)).toBeVisible();
  await swap('go');
  await ada.page.clock.runFor(2_000);
  await expect(said(ada.page)).toHaveCount(0);
});

test('a live page is not loaded again, and does not ask for itself', async ({ bar }) => {
  bar.expects(/WebSocket/);
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  await ada.page.clock.install();
  await ada.page.reload();
  await ada.live();
  await ada.page.clock.pauseAt(Date.now() + 1_000);
  const asked: string[] = [];
  ada.page.on('request', (request) => {
    if (['xhr', 'document'].includes(request.resourceType())) {
      asked.push(request.url());
    }
  });
  await ada.page.clock.runFor(40_000);
  expect(asked).toEqual([]);
});
