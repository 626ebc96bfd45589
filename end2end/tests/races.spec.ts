import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

/** Returns a function that blocks all later frames of the server. */
async function frameBlocker(page: Page): Promise<() => void> {
  let blocked = false;
  await page.routeWebSocket('**/live', (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!blocked) {
        socket.send(message);
      }
    });
  });
  return () => {
    blocked = true;
  };
}

test('when two tablets claim one order, one gets it, and the other is told who', async ({ bar }) => {
  bar.expects(/409/);
  const ana = await bar.tablet('Ana');
  const ben = await bar.tablet('Ben');
  const blockFrames = await frameBlocker(ben.page);
  await ben.page.reload();
  const ada = await bar.phone();
  await ada.order('Latte');
  await expect(ben.card('1', ben.upNext)).toBeVisible();
  blockFrames();
  await ana.tap('1', 'Claim');
  await expect(ana.card('1', ana.making)).toContainText('You are making it');
  await ben.tap('1', 'Claim');
  await expect(ben.trouble).toHaveText('Order 1: Ana is already making it.');
  await expect(ana.card('1', ana.making)).toContainText('You are making it');
});

test('a guest cannot cancel an order that is being made, and is told so', async ({ bar }) => {
  bar.expects(/409/);
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  const blockFrames = await frameBlocker(ada.page);
  await ada.page.reload();
  await ada.order('Latte');
  await ada.called();
  blockFrames();
  await tablet.tap('1', 'Claim');
  await expect(tablet.card('1', tablet.making)).toBeVisible();
  await ada.cancel();
  await expect(ada.trouble).toContainText('already making it');
  expect(await bar.server.state('1')).toBe('CREATED');
});

test('a tablet that claims a cancelled order is told so', async ({ bar }) => {
  bar.expects(/409/);
  const tablet = await bar.tablet('Ana');
  const blockFrames = await frameBlocker(tablet.page);
  await tablet.page.reload();
  const ada = await bar.phone();
  await ada.order('Latte');
  await expect(tablet.card('1', tablet.upNext)).toBeVisible();
  blockFrames();
  await ada.cancel();
  await expect(ada.headline).toHaveText('Cancelled');
  await tablet.tap('1', 'Claim');
  await expect(tablet.trouble).toHaveText('Order 1: Cancelled by the guest. Do not make it.');
});

test('a double tap on each button counts once', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  const sheet = await ada.choose('Latte');
  await sheet.getByRole('button', { name: /^Order / }).dblclick();
  await ada.page.waitForURL('**/orders/*');
  await ada.called();
  expect(await bar.server.orders()).toHaveLength(1);

  await tablet.card('1').getByRole('button', { name: 'Claim' }).dblclick();
  await expect(tablet.card('1', tablet.making)).toBeVisible();
  await tablet.card('1').getByRole('button', { name: 'Ready' }).dblclick();
  await expect(tablet.undo.getByRole('button', { name: /^Undo/ })).toBeVisible();
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!");
  expect(await bar.server.orders()).toHaveLength(1);
  await expect(tablet.trouble).toHaveCount(0);
});

test('the same drink in two tabs of one phone is one order', async ({ bar }) => {
  const ada = await bar.phone();
  const other = await ada.page.context().newPage();
  await other.goto(bar.server.url('/?drink=Latte'));
  await ada.choose('Latte');
  await expect(other.getByRole('dialog', { name: 'Latte' })).toBeVisible();
  await expect.poll(async () => (await bar.server.orders()).length).toBe(1);
  const sheet = ada.page.getByRole('dialog', { name: 'Latte' });
  await ada.submit(sheet);
  await ada.called();
  expect(await bar.server.orders()).toHaveLength(1);
});

test('a second submit does not complete the order', async ({ bar }) => {
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const again = await ada.post('submit_order', { order, key: 'again', drink: 'Espresso' });
  expect(again.status()).toBe(409);
  expect(await bar.server.state('1')).toBe('CREATED');
  await ada.page.reload();
  await expect(ada.headline).toHaveText('You are next');
  await expect(ada.page.getByRole('heading', { name: 'Latte' })).toBeVisible();
});

test('complete before submit is refused with a message', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.choose('Latte');
  await expect.poll(async () => (await bar.server.orders()).length).toBe(1);
  const order = (await bar.server.orders())[0]?.['SK']?.S ?? '';
  const answer = await tablet.post('complete_order', { order });
  expect(answer.status()).toBe(409);
  expect(await bar.server.orders()).toHaveLength(1);
  await ada.submit(ada.page.getByRole('dialog', { name: 'Latte' }));
  await expect(tablet.card('1', tablet.upNext)).toBeVisible();
});
