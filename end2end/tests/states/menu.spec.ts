import { BaristaApi } from '../../support/barista-api.ts';
import { SILENCE, expectGoodState } from '../../support/states.ts';
import { expect, test } from '../../support/test.ts';

test('the menu of a new bar, and the sheet of a drink until its time-out', async ({ bar }) => {
  const ada = await bar.phone();
  await expect(ada.headline).toBeVisible();
  await expect(ada.page.locator('.usual')).toHaveCount(0);
  await expectGoodState(ada.page, 'menu-first');

  await ada.choose('Flat White');
  const kept = ada.sheet.locator('.kept');
  await expect(kept).toContainText(/\d:\d\d/);
  await ada.chip('Oat milk').click();
  await ada.chip('Vanilla syrup').click();
  await expectGoodState(ada.page, 'menu-sheet', { main: true });

  // More time is offered two minutes before the end, and announced one minute before.
  await bar.server.advance(200);
  const more = kept.getByRole('button', { name: ada.text('customer_more_time') });
  await expect(more).toBeVisible();
  await bar.server.advance(45);
  await expect(ada.page.getByRole('status')).toContainText(ada.text('customer_announce_soon'));
  await expectGoodState(ada.page, 'menu-sheet-more-time');
  await more.click();
  await expect(more).toHaveCount(0);
  await expect(ada.page.getByRole('status')).toContainText(ada.text('customer_announce_more'));

  await bar.server.advance(299);
  expect((await bar.server.orders())[0]?.['ORDERSTATE']?.S, 'the order waits until the time that the page shows').toBe('CREATED');
  await bar.server.advance(2);
  await expect(ada.sheet.getByText(ada.text('customer_ran_out'))).toBeVisible();
  await expectGoodState(ada.page, 'menu-sheet-ran-out');
  // The selection is kept, and the same button orders.
  await ada.submit(ada.sheet);
  await ada.called();
  const orders = await bar.server.orders();
  expect(orders.map((order) => order['ORDERSTATE']?.S).sort()).toEqual(['CREATED', 'TIMED_OUT']);
  expect(orders.some((order) => order['drinkOrder']?.S?.includes('Oat milk'))).toBe(true);
});

test('the menu of a returning guest: the usual drink and earlier drinks', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  for (const [drink, modifiers] of [
    ['Flat White', ['Oat milk']],
    ['Cappuccino', ['Large', 'Extra shot']],
    ['Flat White', ['Oat milk']],
  ] as const) {
    await ada.page.goto(bar.server.url('/?menu'));
    const order = await ada.order(drink, [...modifiers]);
    await ada.called();
    await barista.make(order, 150);
    await ada.collect();
    await expect(ada.headline).toHaveText(ada.text('order_collected_headline'));
  }
  const ben = await bar.phone();
  await ben.order('Latte');
  await ben.called();
  await ada.page.goto(bar.server.url('/'));
  await expect(ada.page.locator('.hero .state')).toContainText(
    ada.text('customer_wait_queue', { count: 1, from: 5, to: 6 }),
  );
  await expect(ada.page.locator('.past li:not([hidden])')).toHaveCount(1);
  await expectGoodState(ada.page, 'menu-usual', { main: true });

  await barista.send('set_sold_out', { modifier: 'Oat milk', gone: 'true' });
  await barista.send('set_sold_out', { drink: 'Mocha', gone: 'true' });
  await expect(ada.page.locator('.drink.sold-out')).toHaveCount(1);
  await expect(ada.page.locator('.usual')).toBeHidden();
  await expectGoodState(ada.page, 'menu-sold-out');
  await ada.choose('Latte');
  await expect(ada.chip('Oat milk')).toHaveClass(/sold-out/);
  await expectGoodState(ada.page, 'menu-sheet-sold-out');
  await ada.page.goto(bar.server.url('/'));
  await barista.send('set_sold_out', { modifier: 'Oat milk', gone: 'false' });
  await expect(ada.page.locator('.usual')).toBeVisible();

  await ada.page.locator('.past li:not([hidden]) a').click();
  await expect(ada.chip('Large').locator('input')).toBeChecked();
  await expect(ada.chip('Extra shot').locator('input')).toBeChecked();
  await ada.page.keyboard.press('Escape');
  await expect(ada.sheet).toHaveCount(0);

  await ada.page.locator('.usual button').click();
  await ada.page.waitForURL('**/orders/*');
  await ada.called();
  // A second scan of the QR code shows the order. The menu is one tap away and links back.
  await ada.page.goto(bar.server.url('/'));
  await ada.page.waitForURL('**/orders/*');
  await ada.page.getByRole('link', { name: ada.text('order_menu') }).click();
  await expect(ada.page.locator('a.mine')).toBeVisible();
  await expectGoodState(ada.page, 'menu-under-way');
  await ada.choose('Espresso');
  await expect(ada.sheet.getByRole('link', { name: ada.text('customer_see_order') })).toBeVisible();
  await expectGoodState(ada.page, 'menu-sheet-under-way');
});

test('the menu of a paused bar shows the reason, and opens again by itself', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  await barista.send('set_shop_state', { state: 'paused', reason: 'machine', minutes: '10' });
  await expect(ada.page.locator('.notice .back')).toHaveText(ada.text('customer_pause_back', { count: 10 }));
  await expectGoodState(ada.page, 'menu-paused');
  await ada.choose('Latte');
  await expect(ada.sheet.locator('.blocked')).toBeVisible();
  await expectGoodState(ada.page, 'menu-sheet-paused');
  await bar.server.advance(601);
  await expect(ada.sheet.locator('button[type="submit"]')).toBeVisible();
  await ada.page.keyboard.press('Escape');
  await expect(ada.page.locator('.notice')).toHaveCount(0);

  await barista.send('set_shop_state', { state: 'closed' });
  await expect(ada.page.locator('.notice h2')).toHaveText(ada.text('customer_closed_title'));
  await expectGoodState(ada.page, 'menu-closed');
});

test('the sheet reports a full queue and a closed bar', async ({ bar }) => {
  bar.expects(/409/);
  const ben = await bar.phone();
  const ada = await bar.phone();
  await bar.server.settings('SET maxOrdersInQueue = :one', { ':one': { N: '1' } });
  await ben.order('Latte');
  await ben.called();
  await ada.choose('Espresso');
  await expect(ada.sheet.locator('.lost')).toContainText(ada.text('order_refused_full_sentence'));
  await expectGoodState(ada.page, 'menu-sheet-full');
  // An order is refused with a message: in the sheet if the workflow was faster, and on the order page.
  await ada.sheet.locator('button[type="submit"]').click();
  const refused = async () => (await bar.server.orders()).filter((order) => order['ORDERSTATE']?.S === 'REFUSED');
  await expect.poll(async () => (await refused()).length).toBe(2);
  // One of the responses must arrive before the next page is opened.
  await expect(ada.trouble.or(ada.headline.filter({ hasText: ada.text('order_refused_full_headline') })).first()).toBeVisible();
  await ada.page.goto(bar.server.url(`/orders/${(await refused())[1]?.['SK']?.S}`));
  await expect(ada.headline).toHaveText(ada.text('order_refused_full_headline'));
  await expectGoodState(ada.page, 'order-refused-full');

  await bar.server.settings('REMOVE maxOrdersInQueue');
  const carla = await bar.phone();
  await carla.choose('Espresso');
  await expect(carla.sheet.locator('.lost')).toContainText(ada.text('order_refused_sentence'));
});

test('the menu without a connection says so, keeps its content, and reports failed taps', async ({ bar }) => {
  bar.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to fetch|net::/);
  const ada = await bar.phone();
  await ada.page.clock.install();
  await ada.page.reload();
  await ada.live();
  await ada.page.context().setOffline(true);
  await ada.page.clock.runFor(SILENCE);
  await expect(ada.page.locator('.line-banner')).toContainText(ada.text('customer_line_advice'));
  await ada.choose('Latte');
  await expect(ada.trouble).toContainText(ada.text('common_error_offline'));
  await expectGoodState(ada.page, 'menu-sheet-offline');
  await ada.page.keyboard.press('Escape');
  await expectGoodState(ada.page, 'menu-offline');
});
