import { SILENCE, expectGoodState } from '../../support/states.ts';
import type { Tablet } from '../../support/tablet.ts';
import { type TestBar, expect, test } from '../../support/test.ts';

/** The first order number, with three wide digits. */
const FIRST = 988;

/** The number of the order with this index. */
const number = (at: number) => String(FIRST + at);

/** Places orders of all kinds, some equal and some with special modifiers. */
async function fill(tablet: Tablet, many: number, first = FIRST): Promise<void> {
  await tablet.server.lastNumber(first - 1);
  const orders: Record<string, string>[] = [
    { drink: 'Flat White', milk: 'Oat milk' },
    { drink: 'Cappuccino', milk: 'Oat milk', 'modifiers[0]': 'Large', 'modifiers[1]': 'Extra shot', 'modifiers[2]': 'No chocolate' },
    { drink: 'Espresso' },
    { drink: 'Flat White', milk: 'Oat milk', 'modifiers[0]': 'Large' },
    { drink: 'Hot Chocolate', 'modifiers[0]': 'Marshmallows' },
    { drink: 'Americano' },
  ];
  for (let at = 0; at < many; at += 1) {
    const sent = await tablet.post('walk_in_order', { key: `k${at}`, ...orders[at % orders.length]! });
    expect(sent.status()).toBe(200);
  }
  await expect(tablet.cards(tablet.upNext)).toHaveCount(many);
}

/** Waits until the page is live, so that its content does not depend on timing. */
async function live(bar: TestBar, tablet: Tablet): Promise<void> {
  await expect(tablet.page.getByText(bar.text('common_line_live'), { exact: true })).toBeVisible();
  await expect(tablet.page.locator('.clock')).toHaveText(/\d/);
}

test('the bar before sign-in', async ({ bar }) => {
  bar.expects(/403/);
  const page = await bar.page(bar.variant.tablet);
  await page.goto(bar.server.url('/barista'));
  await expectGoodState(page, 'bar-stranger', { status: false });
});

test('the idle bar, muted and with sound', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await live(bar, tablet);
  await expect(tablet.page.getByText(bar.text('barista_sound_muted'))).toBeVisible();
  await expectGoodState(tablet.page, 'bar-empty');
  await tablet.page.locator('.sound').click();
  await expect(tablet.page.getByText(bar.text('barista_sound_on'))).toBeVisible();
  await expectGoodState(tablet.page, 'bar-heard');
});

test('the bar with three orders: one late, one late soon, one with undo', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await fill(tablet, 2);
  await bar.server.advance(181);
  await tablet.post('walk_in_order', { key: 'new', drink: 'Latte' });
  await expect(tablet.cards(tablet.upNext)).toHaveCount(3);
  await bar.server.advance(180);
  await tablet.page.reload();
  await live(bar, tablet);
  await expect(tablet.card(number(0)).locator('.age')).toContainText(bar.text('barista_age_late'));
  await expect(tablet.card(number(2)).locator('.age')).toContainText(bar.text('barista_age_soon'));
  await tablet.tap(number(0), bar.text('barista_claim'));
  await tablet.finish(number(0));
  await expectGoodState(tablet.page, 'bar-undo', { main: true });
});

test('the bar with forty orders', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await fill(tablet, 40, 960);
  await live(bar, tablet);
  await expectGoodState(tablet.page, 'bar-full');
});

test('the bar with numbers of four digits', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await fill(tablet, 12, 1000);
  await tablet.tap('1000', bar.text('barista_claim'));
  await tablet.tap('1001', bar.text('barista_claim'));
  await expect(tablet.cards(tablet.making)).toHaveCount(2);
  await tablet.finish('1001');
  await bar.server.advance(4);
  await expect(tablet.card('1001', tablet.ready)).toBeVisible();
  await tablet.tap('1002', bar.text('barista_claim'));
  await tablet.finish('1002');
  await tablet.page.reload();
  await live(bar, tablet);
  await expectGoodState(tablet.page, 'bar-four-digits');
  await tablet.more('1003');
  await expectGoodState(tablet.page, 'bar-four-digits-more');
});

test('the bar with orders in every lane and their menus', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ben = await bar.tablet('Ben');
  await fill(tablet, 6);
  await tablet.tap(number(0), bar.text('barista_claim'));
  await expect(tablet.card(number(0), tablet.making)).toBeVisible();
  await ben.tap(number(1), bar.text('barista_claim'));
  await expect(tablet.card(number(1), tablet.making)).toBeVisible();
  await tablet.tap(number(2), bar.text('barista_claim'));
  await expect(tablet.card(number(2), tablet.making)).toBeVisible();
  await tablet.finish(number(2));
  await bar.server.advance(4);
  await expect(tablet.card(number(2), tablet.ready)).toBeVisible();
  await tablet.more(number(5));
  await tablet.card(number(5)).getByRole('button', { name: bar.text('common_reason_machine_down') }).click();
  await expect(tablet.card(number(5), tablet.ended)).toBeVisible();
  await expectGoodState(tablet.page, 'bar-busy', { main: true });

  await tablet.more(number(3));
  await expectGoodState(tablet.page, 'bar-more');
  await tablet.page.keyboard.press('Escape');
  await tablet.card(number(1)).locator('.take-over > summary').click();
  await expectGoodState(tablet.page, 'bar-take-over');
});

test('the bar with each of its panels open', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await fill(tablet, 3);
  await tablet.post('set_sold_out', { modifier: 'Soy milk', gone: 'true' });
  await tablet.tap(number(2), bar.text('barista_claim'));
  await expect(tablet.card(number(2), tablet.making)).toBeVisible();
  await tablet.finish(number(2));
  await bar.server.advance(4);
  await tablet.tap(number(2), bar.text('barista_handed_over'));
  await expect(tablet.card(number(2))).toHaveCount(0);
  for (const panel of ['switch', 'walk-in', 'sold-out', 'past-panel', 'settings-panel', 'all-day']) {
    const opened = await tablet.open(panel);
    if (panel === 'past-panel') {
      await expect(opened.getByRole('listitem')).toHaveCount(1);
    }
    await expectGoodState(tablet.page, `bar-${panel}`);
    await tablet.page.keyboard.press('Escape');
  }
});

test('the bar paused, and closed', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await live(bar, tablet);
  await tablet.post('set_shop_state', { state: 'paused', reason: 'short_break', minutes: '10' });
  await expect(tablet.page.locator('.switch')).toHaveAttribute('data-state', 'paused');
  await expectGoodState(tablet.page, 'bar-paused');
  await tablet.post('set_shop_state', { state: 'closed' });
  await expect(tablet.page.locator('.switch')).toHaveAttribute('data-state', 'closed');
  await expectGoodState(tablet.page, 'bar-closed');
});

test('the bar with a refused command', async ({ bar }) => {
  bar.expects(/409/);
  const tablet = await bar.tablet('Ana');
  await fill(tablet, 1);
  await live(bar, tablet);
  await bar.server.advance(4);
  await tablet.page.locator('.card form[action="/api/claim_order"]').evaluate((form) => form.setAttribute('action', '/api/undo_complete'));
  await tablet.tap(number(0), bar.text('barista_claim'));
  const why = bar.text('common_refused_nothing_to_undo');
  await expect(tablet.trouble).toHaveText(bar.text('barista_about_order', { number: number(0), why }));
  await expectGoodState(tablet.page, 'bar-refused');
});

test('the bar without a connection', async ({ bar }) => {
  bar.expects(/ERR_INTERNET_DISCONNECTED|WebSocket|Failed to load|net::/);
  const tablet = await bar.tablet('Ana');
  await fill(tablet, 2);
  await tablet.page.clock.install();
  await tablet.page.reload();
  await live(bar, tablet);
  await tablet.page.context().setOffline(true);
  await tablet.tap(number(0), bar.text('barista_claim'));
  await expect(tablet.card(number(0)).locator('.sending')).toBeVisible();
  await tablet.page.clock.runFor(SILENCE);
  await expect(tablet.page.locator('.line-banner')).toContainText(bar.text('barista_line_advice'));
  await expectGoodState(tablet.page, 'bar-silent');
  await tablet.page.context().setOffline(false);
  await expect(tablet.card(number(0), tablet.making)).toBeVisible();
});
