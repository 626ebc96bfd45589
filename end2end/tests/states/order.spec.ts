import { Crew } from '../../support/crew.ts';
import type { Phone } from '../../support/phone.ts';
import { SILENCE, expectGoodState } from '../../support/states.ts';
import { type Bar, expect, test } from '../../support/test.ts';

/** The headline of an order's page. */
async function says(phone: Phone, message: string, count?: number): Promise<void> {
  await expect(phone.headline).toHaveText(phone.say(message, count === undefined ? {} : { count }));
}

/** The id of the order for which somebody chooses, once its workflow waits. */
async function choosing(bar: Bar): Promise<string> {
  const find = async () =>
    (await bar.server.orders()).find((order) => order['awaiting']?.S === 'CUSTOMER')?.['SK']?.S ?? '';
  await expect.poll(find).not.toBe('');
  return find();
}

/** Makes three drinks, so that the bar knows how long it takes. */
async function warmUp(bar: Bar, crew: Crew): Promise<void> {
  await bar.server.lastNumber(987);
  for (let drink = 0; drink < 3; drink += 1) {
    const guest = await bar.phone();
    const order = await guest.order('Latte');
    await guest.called();
    await crew.make(order, 180);
    await guest.collect();
    await guest.page.context().close();
  }
}

test('an order from the choice to the last sip, state by state', async ({ bar }) => {
  const crew = await Crew.of(bar);
  await warmUp(bar, crew);
  const ada = await bar.phone();
  await ada.choose('Cappuccino');
  const id = await choosing(bar);
  const other = await ada.page.context().newPage();
  await other.goto(bar.server.url(`/orders/${id}`));
  await expect(other.getByRole('button', { name: ada.say('order_more_time') })).toBeVisible();
  await expectGoodState(other, 'order-choosing');
  await other.close();

  const ben = await bar.phone();
  const first = await ben.order('Latte');
  await ben.called();
  await says(ben, 'order_next');
  await ada.chip('Oat milk').click();
  await ada.submit(ada.sheet);
  const order = ada.orderId();
  const number = await ada.called();
  await says(ada, 'order_ahead', 1);
  await expect(ada.page.locator('.headline .wait')).toHaveText(ada.say('order_wait', { from: 6, to: 7 }));
  const tell = ada.page.getByRole('button', { name: ada.say('order_tell') });
  await expect(tell).toBeVisible();
  await expectGoodState(ada.page, 'order-waiting', { main: true });

  await tell.click();
  await expect(ada.page.getByText(ada.say('order_told'))).toBeVisible();
  await expectGoodState(ada.page, 'order-told');

  await crew.claim(first);
  await says(ada, 'order_ahead', 1);
  await crew.serve(first);
  await says(ada, 'order_next');
  await expectGoodState(ada.page, 'order-next');
  await crew.claim(order);
  await says(ada, 'order_making_headline');
  await expectGoodState(ada.page, 'order-making');
  await crew.serve(order);
  await says(ada, 'order_ready_headline');
  await expect(ada.page).toHaveTitle(ada.say('order_title', { state: ada.say('order_state_ready'), number, shop: 'Doppio' }));
  await expectGoodState(ada.page, 'order-ready', { main: true });

  await bar.server.advance(180);
  await says(ada, 'order_still_headline');
  await expectGoodState(ada.page, 'order-still-there');
  await bar.server.advance(180);
  await expect(ada.sentence).toContainText(/[4٤]/);
  await expectGoodState(ada.page, 'order-last-call');
  await ada.collect();
  await says(ada, 'order_collected_headline');
  await expect(ada.headline).toBeFocused();
  await expectGoodState(ada.page, 'order-collected');
  await ada.page.getByRole('link', { name: ada.say('order_again') }).click();
  await expect(ada.chip('Oat milk').locator('input')).toBeChecked();

  await bar.server.advance(240);
  await says(ben, 'order_uncollected_headline');
  await expectGoodState(ben.page, 'order-uncollected');
});

test('an order on a day on which all numbers of three digits are in use', async ({ bar }) => {
  const crew = await Crew.of(bar);
  await bar.server.lastNumber(999);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  expect(await ada.called()).toBe('1000');
  await expect(ada.page.getByRole('button', { name: ada.say('order_tell') })).toBeVisible();
  await expectGoodState(ada.page, 'order-four-digits');
  await crew.claim(order);
  await crew.serve(order);
  await says(ada, 'order_ready_headline');
  await expectGoodState(ada.page, 'order-four-digits-ready');
  await ada.page.goto(bar.server.url('/?menu'));
  await expect(ada.page.locator('a.mine')).toBeVisible();
  await expectGoodState(ada.page, 'menu-four-digits');
});

test('an order that takes longer than was said, and why', async ({ bar }) => {
  const crew = await Crew.of(bar);
  await warmUp(bar, crew);
  const ben = await bar.phone();
  await ben.order('Latte');
  await ben.called();
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  await expect(ada.page.locator('.headline .wait')).toBeVisible();
  await expect(ada.sentence).toHaveText(ada.say('order_waiting_sentence'));
  await bar.server.advance(180);
  await expect(ada.sentence).toHaveText(ada.say('order_delay_slower'));
  await expect(ada.page.getByRole('status')).toContainText(ada.say('order_delay_slower'));
  await expectGoodState(ada.page, 'order-delayed');
});

test('every other end of an order has its words and a way on', async ({ bar }) => {
  bar.expects(/40[49]/);
  const crew = await Crew.of(bar);
  const [ada, ben, carla, dan] = [await bar.phone(), await bar.phone(), await bar.phone(), await bar.phone()];

  await ada.order('Latte');
  await ada.called();
  // Until the script has come, a cancel is a form that loads the page again.
  await expect(ada.page.getByRole('button', { name: ada.say('order_tell') })).toBeVisible();
  await ada.cancel();
  await says(ada, 'order_cancelled_headline');
  await expect(ada.headline).toBeFocused();
  await expectGoodState(ada.page, 'order-cancelled');

  const bens = await ben.order('Mocha');
  await ben.called();
  await crew.does('cancel_at_bar', { order: bens, reason: 'sold_out' });
  await says(ben, 'order_by_bar_headline');
  await expect(ben.sentence).toContainText(ben.say('common_reason_sold_out'));
  await expectGoodState(ben.page, 'order-cancelled-by-bar');

  await carla.choose('Latte');
  const carlas = await choosing(bar);
  await dan.order('Espresso');
  await dan.called();
  await bar.server.advance(301);
  await carla.page.goto(bar.server.url(`/orders/${carlas}`));
  await says(carla, 'order_late_choice_headline');
  await expectGoodState(carla.page, 'order-too-late-to-choose', { status: true });

  await bar.server.advance(600);
  await says(dan, 'order_late_bar_headline');
  await expectGoodState(dan.page, 'order-not-made');

  await dan.page.goto(bar.server.url('/orders/there-is-no-such-order'));
  await expect(dan.headline).toHaveText(dan.say('common_trouble_title'));
  await expectGoodState(dan.page, 'order-unknown', { status: false });
});

test('an order without a connection does not pretend to be live, and comes back without a replay', async ({ bar }) => {
  bar.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to fetch|net::/);
  const crew = await Crew.of(bar);
  const ada = await bar.phone();
  // From the next page on.
  await ada.page.clock.install();
  const order = await ada.order('Latte');
  await ada.called();
  await ada.live();
  await ada.page.context().setOffline(true);
  await ada.page.clock.runFor(SILENCE);
  await expect(ada.page.locator('.line-banner')).toContainText(ada.say('order_line_advice'));
  await expect(ada.page.locator('.status')).toHaveClass(/stale/);
  await expectGoodState(ada.page, 'order-offline');
  await crew.serve(order);
  await ada.page.context().setOffline(false);
  await says(ada, 'order_ready_headline');
  await expect(ada.page.locator('.status')).not.toHaveClass(/stale/);
});
