import type { Page } from '@playwright/test';

import { Crew } from '../support/crew.ts';
import { Random } from '../support/random.ts';
import { type Bar, expect, test } from '../support/test.ts';
import { Tablet } from '../support/tablet.ts';
import { Wire } from '../support/wire.ts';

/** A tablet that is signed in, behind a wire of its own. */
async function wired(bar: Bar, name: string): Promise<{ tablet: Tablet; wire: Wire }> {
  const wire = await Wire.to(() => bar.server.addresses.site, new Random(1));
  const tablet = await bar.tablet(name);
  await open(tablet.page, wire);
  return { tablet, wire };
}

async function open(page: Page, wire: Wire): Promise<void> {
  await page.goto(wire.url('/barista'));
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

/** The commands that a page sends, and how each was answered, in that order. */
function commands(page: Page): string[] {
  const seen: string[] = [];
  const name = (url: string) => new URL(url).pathname.replace('/api/', '');
  const is = (url: string) => url.includes('/api/') && !url.includes('/read_');
  page.on('request', (request) => is(request.url()) && seen.push(`${name(request.url())} sent`));
  page.on('response', (answer) => is(answer.url()) && seen.push(`${name(answer.url())} ${answer.status()}`));
  return seen;
}

test('what is tapped without a line is kept when the tablet dies, says so, and is sent in order, nothing twice', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const { tablet, wire } = await wired(bar, 'Ana');
  const orders = await Promise.all(['a', 'b'].map((key) => tablet.post('walk_in_order', { key, drink: 'Espresso' })));
  expect(orders.map((order) => order.status())).toEqual([200, 200]);
  await expect(tablet.cards(tablet.upNext)).toHaveCount(2);

  wire.break('torn');
  await tablet.tap('2', 'Claim');
  await tablet.tap('1', 'Claim');
  await (await tablet.open('walk-in')).getByRole('button', { name: 'Latte' }).click();
  await expect(tablet.page.locator('.line-banner')).toContainText('3 taps wait to be sent.');
  await expect(tablet.card('2', tablet.upNext).locator('.sending')).toBeVisible();
  await (await tablet.open('walk-in')).getByRole('button', { name: 'Mocha' }).click();
  await expect(tablet.page.locator('.line-banner')).toContainText('4 taps wait to be sent.');
  const context = tablet.page.context();
  await tablet.page.close();

  wire.mend();
  const page = await context.newPage();
  const sent = commands(page);
  await open(page, wire);
  const again = new Tablet(page, bar.server, 'Ana');
  await expect(again.cards(again.making)).toHaveCount(2);
  await expect(again.cards(again.upNext)).toHaveText(['Order 3, Latte', 'Order 4, Mocha']);
  const names = ['claim_order', 'claim_order', 'walk_in_order', 'walk_in_order'];
  await expect.poll(() => sent).toEqual(names.flatMap((name) => [`${name} sent`, `${name} 200`]));
  await expect(page.locator('.line-banner p')).toHaveCount(0);

  // Nothing of it is sent once more.
  await page.reload();
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  expect(sent).toHaveLength(8);
  expect(await bar.server.orders()).toHaveLength(4);
  await wire.close();
});

test('a walk-in whose answer is lost is one order', async ({ bar }) => {
  bar.expects(/ERR_|Failed to load|net::/);
  const tablet = await bar.tablet('Ana');
  await expect(tablet.page.getByText('Live', { exact: true })).toBeVisible();
  const sent = commands(tablet.page);
  let lost = 0;
  await tablet.page.route('**/api/walk_in_order', async (route) => {
    if (lost === 0) {
      lost += 1;
      // The server does it, and the page does not hear of it.
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

test('a tap that comes late is answered with who did what meanwhile, order by order', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::|409/);
  const ana = await bar.tablet('Ana');
  const { tablet: ben, wire } = await wired(bar, 'Ben');
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  for (const key of ['a', 'b']) {
    await ana.post('walk_in_order', { key, drink: 'Espresso' });
  }
  await expect(ben.cards(ben.upNext)).toHaveCount(3);

  wire.break('torn');
  for (const number of ['2', '3', '1']) {
    await ben.tap(number, 'Claim');
  }
  await expect(ben.page.locator('.line-banner')).toContainText('3 taps wait to be sent.');
  // Ben's screen does not pretend that he has them.
  await expect(ben.cards(ben.making)).toHaveCount(0);
  await ana.tap('2', 'Claim');
  await ana.finish('2');
  await bar.server.advance(4);
  await ana.tap('3', 'Claim');
  await expect(ana.cards(ana.making)).toHaveText(['Order 3, Espresso']);
  await ada.cancel();
  await expect(ada.headline).toHaveText('Cancelled');

  wire.mend();
  const said = ['Order 2: Ana has already made it.', 'Order 3: Ana is already making it.', 'Order 1: Cancelled by the guest. Do not make it.'];
  await expect(ben.trouble).toHaveText(said.join(' '));
  await expect(ben.card('3', ben.making)).toContainText('Ana is making it');
  // The next tap is another matter.
  await ana.post('walk_in_order', { key: 'c', drink: 'Espresso' });
  await ben.tap('4', 'Claim');
  await expect(ben.card('4', ben.making)).toBeVisible();
  await expect(ben.trouble).toHaveCount(0);
  await wire.close();
});

test('a guest whose tap is swallowed is told so after ten seconds, and the next tap works', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const wire = await Wire.to(() => bar.server.addresses.site, new Random(1));
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  await ada.page.clock.install();
  await ada.page.goto(wire.url(`/orders/${order}`));
  await ada.live();
  await ada.page.clock.pauseAt(Date.now() + 1_000);

  wire.break('swallowed');
  await ada.cancel();
  await ada.page.clock.runFor(9_000);
  await expect(ada.trouble).toHaveCount(0);
  await ada.page.clock.runFor(2_000);
  await expect(ada.trouble).toHaveText('No connection. Check the network and try again; nothing happens twice.');
  await expect(ada.headline).toHaveText('You are next');
  wire.mend();
  await ada.cancel();
  await expect.poll(() => bar.server.state('1')).toBe('CANCELLED');
  await wire.close();
});

test('a guest without a line is told that nothing was sent, and nothing is pretended', async ({ bar }) => {
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const crew = await Crew.of(bar);
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

  await crew.make(order, 1);
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
