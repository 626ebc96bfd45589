import type { Page } from '@playwright/test';

import { BaristaApi } from '../support/barista-api.ts';
import { Random } from '../support/random.ts';
import { type TestBar, expect, test } from '../support/test.ts';
import { Tablet } from '../support/tablet.ts';
import { NetworkProxy } from '../support/network-proxy.ts';

/** A signed-in tablet behind its own proxy. */
async function tabletBehindProxy(bar: TestBar, name: string): Promise<{ tablet: Tablet; proxy: NetworkProxy }> {
  const proxy = await NetworkProxy.to(() => bar.server.addresses.site, new Random(1));
  const tablet = await bar.tablet(name);
  await open(tablet.page, proxy);
  return { tablet, proxy };
}

async function open(page: Page, proxy: NetworkProxy): Promise<void> {
  await page.goto(proxy.url('/barista'));
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

/** The commands of a page with their responses, in order. */
function commands(page: Page): string[] {
  const seen: string[] = [];
  const name = (url: string) => new URL(url).pathname.replace('/api/', '');
  const is = (url: string) => url.includes('/api/') && !url.includes('/read_');
  page.on('request', (request) => is(request.url()) && seen.push(`${name(request.url())} sent`));
  page.on('response', (answer) => is(answer.url()) && seen.push(`${name(answer.url())} ${answer.status()}`));
  return seen;
}

test('taps without a connection survive a crash of the tablet, are shown as pending, and are sent in order and once', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const { tablet, proxy } = await tabletBehindProxy(bar, 'Ana');
  const orders = await Promise.all(['a', 'b'].map((key) => tablet.post('walk_in_order', { key, drink: 'Espresso' })));
  expect(orders.map((order) => order.status())).toEqual([200, 200]);
  await expect(tablet.cards(tablet.upNext)).toHaveCount(2);

  proxy.break('reset');
  await tablet.tap('2', 'Claim');
  await tablet.tap('1', 'Claim');
  await (await tablet.open('walk-in')).getByRole('button', { name: 'Latte' }).click();
  await expect(tablet.page.locator('.line-banner')).toContainText('3 taps wait to be sent.');
  await expect(tablet.card('2', tablet.upNext).locator('.sending')).toBeVisible();
  await (await tablet.open('walk-in')).getByRole('button', { name: 'Mocha' }).click();
  await expect(tablet.page.locator('.line-banner')).toContainText('4 taps wait to be sent.');
  const context = tablet.page.context();
  await tablet.page.close();

  proxy.repair();
  const page = await context.newPage();
  const sent = commands(page);
  await open(page, proxy);
  const again = new Tablet(page, bar.server, 'Ana');
  await expect(again.cards(again.making)).toHaveCount(2);
  await expect(again.cards(again.upNext)).toHaveText(['Order 3, Latte', 'Order 4, Mocha']);
  const names = ['claim_order', 'claim_order', 'walk_in_order', 'walk_in_order'];
  await expect.poll(() => sent).toEqual(names.flatMap((name) => [`${name} sent`, `${name} 200`]));
  await expect(page.locator('.line-banner p')).toHaveCount(0);

  // Nothing is sent twice.
  await page.reload();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  expect(sent).toHaveLength(8);
  expect(await bar.server.orders()).toHaveLength(4);
  await proxy.close();
});

test('a walk-in with a lost response is one order', async ({ bar }) => {
  bar.expects(/ERR_|Failed to load|net::/);
  const tablet = await bar.tablet('Ana');
  await expect(tablet.page.getByText('Live', { exact: true })).toBeVisible();
  const sent = commands(tablet.page);
  let lost = 0;
  await tablet.page.route('**/api/walk_in_order', async (route) => {
    if (lost === 0) {
      lost += 1;
      // The server executes the command, but the response is lost.
      const form = Object.fromEntries(new URLSearchParams(route.request().postData() ?? ''));
      expect((await tablet.post('walk_in_order', form)).status()).toBe(200);
      await route.abort();
    } else {
      await route.continue();
    }
  });
  await (await tablet.open('walk-in')).getByRole('button', { name: 'Latte' }).click();
  await expect.poll(() => sent).toEqual(['walk_in_order sent', 'walk_in_order sent', 'walk_in_order 200']);
  await expect(tablet.cards(tablet.upNext)).toHaveText(['Order 1, Latte']);
  expect(await bar.server.orders()).toHaveLength(1);
});

test('for each order, a late tap is answered with what others did meanwhile', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::|409/);
  const ana = await bar.tablet('Ana');
  const { tablet: ben, proxy } = await tabletBehindProxy(bar, 'Ben');
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  for (const key of ['a', 'b']) {
    await ana.post('walk_in_order', { key, drink: 'Espresso' });
  }
  await expect(ben.cards(ben.upNext)).toHaveCount(3);

  proxy.break('reset');
  for (const number of ['2', '3', '1']) {
    await ben.tap(number, 'Claim');
  }
  await expect(ben.page.locator('.line-banner')).toContainText('3 taps wait to be sent.');
  // Ben's screen does not show them as his.
  await expect(ben.cards(ben.making)).toHaveCount(0);
  await ana.tap('2', 'Claim');
  await ana.finish('2');
  await bar.server.advance(4);
  await ana.tap('3', 'Claim');
  await expect(ana.cards(ana.making)).toHaveText(['Order 3, Espresso']);
  await ada.cancel();
  await expect(ada.headline).toHaveText('Cancelled');

  proxy.repair();
  const messages = ['Order 2: Ana has already made it.', 'Order 3: Ana is already making it.', 'Order 1: Cancelled by the guest. Do not make it.'];
  await expect(ben.trouble).toHaveText(messages.join(' '));
  await expect(ben.card('3', ben.making)).toContainText('Ana is making it');
  // The next tap works.
  await ana.post('walk_in_order', { key: 'c', drink: 'Espresso' });
  await ben.tap('4', 'Claim');
  await expect(ben.card('4', ben.making)).toBeVisible();
  await expect(ben.trouble).toHaveCount(0);
  await proxy.close();
});

test('a guest whose tap gets no response is told so after ten seconds, and the next tap works', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const proxy = await NetworkProxy.to(() => bar.server.addresses.site, new Random(1));
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  await ada.page.clock.install();
  await ada.page.goto(proxy.url(`/orders/${order}`));
  await ada.live();
  await ada.page.clock.pauseAt(Date.now() + 1_000);

  proxy.break('dropped');
  await ada.cancel();
  await ada.page.clock.runFor(9_000);
  await expect(ada.trouble).toHaveCount(0);
  await ada.page.clock.runFor(2_000);
  await expect(ada.trouble).toHaveText('No connection. Check the network and try again; nothing happens twice.');
  await expect(ada.headline).toHaveText('You are next');
  proxy.repair();
  await ada.cancel();
  await expect.poll(() => bar.server.state('1')).toBe('CANCELLED');
  await proxy.close();
});

test('a guest without a connection is told that nothing was sent', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  const context = ada.page.context();
  const offline = 'No connection. Check the network and try again; nothing happens twice.';

  const sheet = await ada.choose('Latte');
  await expect.poll(async () => (await bar.server.orders()).length).toBe(1);
  await context.setOffline(true);
  await sheet.locator('button[type="submit"]').click();
  await expect(ada.trouble).toHaveText(offline);
  await expect(sheet).toBeVisible();
  await context.setOffline(false);
  await ada.submit(sheet);
  const order = ada.orderId();
  await ada.called();
  await ada.live();

  await context.setOffline(true);
  await ada.cancel();
  await expect(ada.trouble).toHaveText(offline);
  await expect(ada.headline).toHaveText('You are next');
  await context.setOffline(false);
  expect(await bar.server.state('1')).toBe('CREATED');

  await barista.make(order, 1);
  await expect(ada.headline).toHaveText("It's ready!");
  await context.setOffline(true);
  await ada.collect();
  await expect(ada.trouble).toHaveText(offline);
  await expect(ada.headline).toHaveText("It's ready!");
  await context.setOffline(false);
  await ada.collect();
  await expect(ada.headline).toHaveText('Enjoy!');
  expect(await bar.server.state('1')).toBe('COLLECTED');
});
