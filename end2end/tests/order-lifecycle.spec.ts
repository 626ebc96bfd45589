import { KeyboardUser, DoubleTapUser } from '../support/input-devices.ts';
import { expect, test } from '../support/test.ts';
import { ARABIC } from '../support/variants.ts';
import { called } from '../support/messages.ts';

// The same without JavaScript is in `plain/order.spec.ts`.

test('with the keyboard only, a guest orders, a barista makes it, and the guest collects it', async ({ bar }) => {
  const ada = await bar.phone();
  const guest = new KeyboardUser(ada.page);
  await guest.enter(ada.page.getByRole('link', { name: /^Cappuccino/ }));
  const sheet = ada.page.getByRole('dialog', { name: 'Cappuccino' });
  await expect(sheet).toBeVisible();
  await guest.choose(sheet.getByRole('group', { name: 'Milk' }), sheet.getByRole('radio', { name: 'Oat milk' }));
  await guest.enter(sheet.getByRole('button', { name: 'Order oat cappuccino' }));
  await ada.page.waitForURL('**/orders/*');
  const number = await ada.called();

  const page = await bar.page(bar.variant.tablet);
  await page.goto(bar.server.addresses.staff);
  const barista = new KeyboardUser(page);
  await barista.write(page.getByLabel(bar.text('common_sign_in_name')), 'Ana');
  await page.keyboard.press('Enter');
  const card = page.getByRole('listitem', { name: new RegExp(`^Order\\s+${number}\\s*,`) });
  await barista.enter(card.getByRole('button', { name: bar.text('barista_claim'), exact: true }));
  await expect(ada.headline).toHaveText(bar.text('order_making_headline'));
  await barista.enter(card.getByRole('button', { name: bar.text('barista_ready'), exact: true }));
  await expect(page.getByRole('button', { name: new RegExp(`^${bar.text('barista_undo')}`) })).toBeVisible();
  await bar.server.advance(4);

  await expect(ada.headline).toHaveText(bar.text('order_ready_headline'));
  await guest.enter(ada.page.getByRole('button', { name: bar.text('order_collect') }));
  await expect(ada.headline).toHaveText(bar.text('order_collected_headline'));
  expect(await bar.server.state(number)).toBe('COLLECTED');
});

test.describe('in Arabic', () => {
  test.use({ variant: ARABIC });

  test('a guest orders, a barista makes it, and the guest collects it', async ({ bar }) => {
    const ada = await bar.phone();
    const translated = (name: string) => called('ar', name);
    await expect(ada.page.locator('html')).toHaveAttribute('dir', 'rtl');
    await ada.page.getByRole('link', { name: translated('Cappuccino') }).first().click();
    const sheet = ada.page.getByRole('dialog', { name: translated('Cappuccino') });
    await sheet.getByText(translated('Oat milk'), { exact: true }).click();
    await sheet.getByRole('button', { name: translated('Cappuccino') }).click();
    await ada.page.waitForURL('**/orders/*');
    const number = await ada.called();
    await expect(ada.headline).toHaveText(bar.text('order_next'));
    await expect(ada.page.getByRole('heading', { name: translated('Cappuccino') })).toBeVisible();

    const page = await bar.page(bar.variant.tablet);
    await page.goto(bar.server.addresses.staff);
    await page.getByLabel(bar.text('common_sign_in_name')).fill('ليلى');
    await page.getByRole('button', { name: bar.text('common_sign_in'), exact: true }).click();
    const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: new RegExp(`\\s${number}`) }) });
    // Modifier names at the bar are not translated.
    await expect(card).toContainText('Cappuccino');
    await expect(card).toContainText(/oat/i);
    await card.getByRole('button', { name: bar.text('barista_claim'), exact: true }).click();
    await expect(ada.headline).toHaveText(bar.text('order_making_headline'));
    await card.getByRole('button', { name: bar.text('barista_ready'), exact: true }).click();
    await expect(page.getByText(bar.text('barista_undo_text', { number }))).toBeVisible();
    await bar.server.advance(4);

    await expect(ada.headline).toHaveText(bar.text('order_ready_headline'));
    await ada.page.getByRole('button', { name: bar.text('order_collect') }).click();
    await expect(ada.headline).toHaveText(bar.text('order_collected_headline'));
    expect(await bar.server.state(number)).toBe('COLLECTED');
  });
});

test('with double taps a guest orders one drink, a barista makes it once, and the guest collects it', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  const guest = new DoubleTapUser(ada.page);
  const barista = new DoubleTapUser(tablet.page);
  const card = (number: string) => tablet.card(number);

  await guest.touch(ada.page.getByRole('link', { name: /^Latte/ }));
  const sheet = ada.page.getByRole('dialog', { name: 'Latte' });
  await expect(sheet).toBeVisible();
  // Double tap: a selected modifier stays selected.
  await guest.touch(sheet.getByText('Oat milk', { exact: true }));
  await guest.touch(sheet.getByText('Large', { exact: true }));
  // Double tap: one order.
  await guest.touch(sheet.getByRole('button', { name: /^Order/ }));
  await expect(ada.page).toHaveURL(/\/orders\//);
  const number = await ada.called();
  expect(await bar.server.orders()).toHaveLength(1);

  await barista.touch(card(number).getByRole('button', { name: bar.text('barista_claim'), exact: true }));
  await expect(ada.headline).toHaveText(bar.text('order_making_headline'));
  // Double tap: the second tap has no effect on the element that appears.
  await barista.touch(card(number).getByRole('button', { name: bar.text('barista_ready'), exact: true }));
  await expect(tablet.undo).toBeVisible();
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText(bar.text('order_ready_headline'));
  await guest.touch(ada.page.getByRole('button', { name: bar.text('order_collect') }));
  await expect(ada.headline).toHaveText(bar.text('order_collected_headline'));
  expect(await bar.server.state(number)).toBe('COLLECTED');
  expect(await bar.server.orders()).toHaveLength(1);
  await expect(tablet.trouble).toHaveCount(0);
});

test('a double tap that opens a sheet neither closes it nor orders', async ({ bar }) => {
  const ada = await bar.phone();
  const guest = new DoubleTapUser(ada.page);
  await guest.touch(ada.page.getByRole('heading', { level: 1 }));
  // Double tap: the second tap hits the open sheet.
  await guest.touch(ada.page.getByRole('link', { name: /^Espresso/ }));
  const sheet = ada.page.getByRole('dialog', { name: 'Espresso' });
  await expect(sheet.getByRole('button', { name: /^Order/ })).toBeVisible();
  await expect(ada.page).toHaveURL(/drink=Espresso/);
});
