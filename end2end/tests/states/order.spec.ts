import { BaristaApi } from '../../support/barista-api.ts';
import type { Phone } from '../../support/phone.ts';
import { SILENCE, expectGoodState } from '../../support/states.ts';
import { type TestBar, expect, test } from '../../support/test.ts';

/** Checks the headline of the order page. */
async function expectHeadline(phone: Phone, message: string, count?: number): Promise<void> {
  await expect(phone.headline).toHaveText(phone.text(message, count === undefined ? {} : { count }));
}

/** Waits until the workflow waits for a choice, and returns the order id. */
async function choosingOrder(bar: TestBar): Promise<string> {
  const find = async () =>
    (await bar.server.orders()).find((order) => order['awaiting']?.S === 'CUSTOMER')?.['SK']?.S ?? '';
  await expect.poll(find).not.toBe('');
  return find();
}

/** Completes three orders, so that the bar has an estimate. */
async function warmUp(bar: TestBar, barista: BaristaApi): Promise<void> {
  await bar.server.lastNumber(987);
  for (let drink = 0; drink < 3; drink += 1) {
    const guest = await bar.phone();
    const order = await guest.order('Latte');
    await guest.called();
    await barista.make(order, 180);
    await guest.collect();
    await guest.page.context().close();
  }
}

test('every state of an order from the choice to the collection', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  await warmUp(bar, barista);
  const ada = await bar.phone();
  await ada.choose('Cappuccino');
  const id = await choosingOrder(bar);
  const other = await ada.page.context().newPage();
  await other.goto(bar.server.url(`/orders/${id}`));
  await expect(other.getByRole('button', { name: ada.text('order_more_time') })).toBeVisible();
  await expectGoodState(other, 'order-choosing');
  await other.close();

  const ben = await bar.phone();
  const first = await ben.order('Latte');
  await ben.called();
  await expectHeadline(ben, 'order_next');
  await ada.chip('Oat milk').click();
  await ada.submit(ada.sheet);
  const order = ada.orderId();
  const number = await ada.called();
  await expectHeadline(ada, 'order_ahead', 1);
  await expect(ada.page.locator('.headline .wait')).toHaveText(ada.text('order_wait', { from: 6, to: 7 }));
  const tell = ada.page.getByRole('button', { name: ada.text('order_tell') });
  await expect(tell).toBeVisible();
  await expectGoodState(ada.page, 'order-waiting', { main: true });

  await tell.click();
  await expect(ada.page.getByText(ada.text('order_told'))).toBeVisible();
  await expectGoodState(ada.page, 'order-told');

  await barista.claim(first);
  await expectHeadline(ada, 'order_ahead', 1);
  await barista.serve(first);
  await expectHeadline(ada, 'order_next');
  await expectGoodState(ada.page, 'order-next');
  await barista.claim(order);
  await expectHeadline(ada, 'order_making_headline');
  await expectGoodState(ada.page, 'order-making');
  await barista.serve(order);
  await expectHeadline(ada, 'order_ready_headline');
  await expect(ada.page).toHaveTitle(ada.text('order_title', { state: ada.text('order_state_ready'), number, shop: 'Doppio' }));
  await expectGoodState(ada.page, 'order-ready', { main: true });

  await bar.server.advance(180);
  await expectHeadline(ada, 'order_still_headline');
  await expectGoodState(ada.page, 'order-still-there');
  await bar.server.advance(180);
  await expect(ada.sentence).toContainText(/[4٤]/);
  await expectGoodState(ada.page, 'order-last-call');
  await ada.collect();
  await expectHeadline(ada, 'order_collected_headline');
  await expect(ada.headline).toBeFocused();
  await expectGoodState(ada.page, 'order-collected');
  await ada.page.getByRole('link', { name: ada.text('order_again') }).click();
  await expect(ada.chip('Oat milk').locator('input')).toBeChecked();

  await bar.server.advance(240);
  await expectHeadline(ben, 'order_uncollected_headline');
  await expectGoodState(ben.page, 'order-uncollected');
});

test('an order with a number of four digits', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  await bar.server.lastNumber(999);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  expect(await ada.called()).toBe('1000');
  await expect(ada.page.getByRole('button', { name: ada.text('order_tell') })).toBeVisible();
  await expectGoodState(ada.page, 'order-four-digits');
  await barista.claim(order);
  await barista.serve(order);
  await expectHeadline(ada, 'order_ready_headline');
  await expectGoodState(ada.page, 'order-four-digits-ready');
  await ada.page.goto(bar.server.url('/?menu'));
  await expect(ada.page.locator('a.mine')).toBeVisible();
  await expectGoodState(ada.page, 'menu-four-digits');
});

test('an order that takes longer than estimated, with the reason', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  await warmUp(bar, barista);
  const ben = await bar.phone();
  await ben.order('Latte');
  await ben.called();
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  await expect(ada.page.locator('.headline .wait')).toBeVisible();
  await expect(ada.sentence).toHaveText(ada.text('order_waiting_sentence'));
  await bar.server.advance(180);
  await expect(ada.sentence).toHaveText(ada.text('order_delay_slower'));
  await expect(ada.page.getByRole('status')).toContainText(ada.text('order_delay_slower'));
  await expectGoodState(ada.page, 'order-delayed');
});

test('every other end of an order has a message and a next step', async ({ bar }) => {
  bar.expects(/40[49]/);
  const barista = await BaristaApi.of(bar);
  const [ada, ben, carla, dan] = [await bar.phone(), await bar.phone(), await bar.phone(), await bar.phone()];

  await ada.order('Latte');
  await ada.called();
  // Before hydration a cancel is a form that loads a page.
  await expect(ada.page.getByRole('button', { name: ada.text('order_tell') })).toBeVisible();
  await ada.cancel();
  await expectHeadline(ada, 'order_cancelled_headline');
  await expect(ada.headline).toBeFocused();
  await expectGoodState(ada.page, 'order-cancelled');

  const bensOrder = await ben.order('Mocha');
  await ben.called();
  await barista.send('cancel_at_bar', { order: bensOrder, reason: 'sold_out' });
  await expectHeadline(ben, 'order_by_bar_headline');
  await expect(ben.sentence).toContainText(ben.text('common_reason_sold_out'));
  await expectGoodState(ben.page, 'order-cancelled-by-bar');

  await carla.choose('Latte');
  const carlasOrder = await choosingOrder(bar);
  await dan.order('Espresso');
  await dan.called();
  await bar.server.advance(301);
  await carla.page.goto(bar.server.url(`/orders/${carlasOrder}`));
  await expectHeadline(carla, 'order_late_choice_headline');
  await expectGoodState(carla.page, 'order-too-late-to-choose', { status: true });

  await bar.server.advance(600);
  await expectHeadline(dan, 'order_late_bar_headline');
  await expectGoodState(dan.page, 'order-not-made');

  await dan.page.goto(bar.server.url('/orders/there-is-no-such-order'));
  await expect(dan.headline).toHaveText(dan.text('common_trouble_title'));
  await expectGoodState(dan.page, 'order-unknown', { status: false });
});

test('an order without a connection is not shown as live, and recovers without replaying changes', async ({ bar }) => {
  bar.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to fetch|net::/);
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  // For the next page.
  await ada.page.clock.install();
  const order = await ada.order('Latte');
  await ada.called();
  await ada.live();
  await ada.page.context().setOffline(true);
  await ada.page.clock.runFor(SILENCE);
  await expect(ada.page.locator('.line-banner')).toContainText(ada.text('order_line_advice'));
  await expect(ada.page.locator('.status')).toHaveClass(/stale/);
  await expectGoodState(ada.page, 'order-offline');
  await barista.serve(order);
  await ada.page.context().setOffline(false);
  await expectHeadline(ada, 'order_ready_headline');
  await expect(ada.page.locator('.status')).not.toHaveClass(/stale/);
});
