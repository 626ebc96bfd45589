import type { Page } from '@playwright/test';

import { BaristaApi } from '../support/barista-api.ts';
import { expectGoodState } from '../support/states.ts';
import { expect, test } from '../support/test.ts';

const WASM = /\.wasm/;

const notice = (page: Page) => page.locator('.lifeless');

/** Opens a URL with a clock that the test advances, and blocks the requests that hydration needs. */
async function openWithoutWasm(page: Page, address: string): Promise<void> {
  await page.route(WASM, () => {});
  await page.clock.install();
  await page.goto(address);
  await page.clock.pauseAt(Date.now() + 1_000);
}

test('a page without its script says after fifteen seconds that it is not live, and reloads', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  await openWithoutWasm(ada.page, bar.server.url(`/orders/${order}`));
  await ada.page.clock.runFor(13_000);
  await expect(notice(ada.page)).toHaveCount(0);
  await ada.page.clock.runFor(4_000);
  await expect(notice(ada.page)).toHaveText(/^Not live since \d\d:\d\d: this page does not update itself\. Load again$/);

  await barista.claim(order);
  const again = ada.page.waitForEvent('load');
  await ada.page.clock.runFor(15_000);
  await again;
  await expect(ada.headline).toHaveText(ada.text('order_making_headline'));
});

test('a page that cannot be reloaded stays and says that it is not live', async ({ bar }) => {
  // It is random whether the loader script arrives before the connection fails.
  bar.expects(/ERR_INTERNET_DISCONNECTED|dynamically imported/);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  const number = await ada.called();
  await openWithoutWasm(ada.page, bar.server.url(`/orders/${order}`));
  await ada.page.context().setOffline(true);
  const failedRequest = ada.page.waitForEvent('requestfailed');
  await ada.page.clock.runFor(40_000);
  await failedRequest;
  await expect(notice(ada.page)).toBeVisible();
  await expect(ada.number).toHaveText(number);
});

test('a tablet without its script reloads every ten seconds; a menu does not, and says so', async ({ bar }) => {
  bar.expects(/Failed to fetch|ERR_FAILED|Failed to load|dynamically imported/);
  const blockWasm = async (page: Page) => {
    await page.route(WASM, (route) => route.abort());
    await page.clock.install();
  };
  const tablet = await bar.tablet('Ana');
  await blockWasm(tablet.page);
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
  await blockWasm(ben.page);
  await ben.page.reload();
  await expect(ben.page.locator('html[data-lifeless]')).toBeAttached();
  let loads = 0;
  ben.page.on('load', () => (loads += 1));
  await ben.page.clock.runFor(60_000);
  await expect(notice(ben.page)).toContainText('Load again');
  expect(loads).toBe(0);
  await expectGoodState(ben.page, 'menu-lifeless');
  await notice(ben.page).getByRole('link').click();
  await expect.poll(() => loads).toBe(1);
});

test('a page that is no longer rendered says so until it is rendered again', async ({ bar }) => {
  bar.expects(/WebSocket/);
  const ada = await bar.phone();
  await ada.page.clock.install();
  await ada.page.reload();
  await expect(ada.page.locator('[data-line="live"]')).toBeAttached();
  // The WebAssembly runs, but its nodes are no longer in the document.
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
  await expect(notice(ada.page), 'the script runs').toHaveCount(0);
  await swap('stop');
  await ada.page.clock.runFor(17_000);
  await expect(notice(ada.page)).toBeVisible();
  await swap('go');
  await ada.page.clock.runFor(2_000);
  await expect(notice(ada.page)).toHaveCount(0);
});

test('a live page does not reload or request itself', async ({ bar }) => {
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
