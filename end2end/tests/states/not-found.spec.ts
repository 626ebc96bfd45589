import { expectGoodState } from '../../support/states.ts';
import { expect, test } from '../../support/test.ts';

test('an unknown URL, and the order of another guest', async ({ bar }) => {
  bar.expects(/404/);
  const page = await bar.page();
  await page.goto(bar.server.url('/nowhere'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(bar.text('common_lost_title'));
  await expectGoodState(page, 'lost', { status: false });

  await page.goto(bar.server.url('/orders/there-is-no-such-order'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(bar.text('common_trouble_title'));
  await expect(page.getByText(bar.text('common_refused_not_found'))).toBeVisible();
  await expectGoodState(page, 'order-not-found', { status: false });
});

test('the staff link: the form, and the form with an error', async ({ bar }) => {
  bar.expects(/400/);
  const page = await bar.page(bar.variant.tablet);
  await page.goto(bar.server.addresses.staff);
  await expect(page.getByLabel(bar.text('common_sign_in_name'))).toBeFocused();
  await expectGoodState(page, 'sign-in', { status: false });

  await page.getByLabel(bar.text('common_sign_in_name')).fill('   ');
  await page.getByRole('button', { name: bar.text('common_sign_in'), exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText(bar.text('common_sign_in_problem'));
  await expectGoodState(page, 'sign-in-again', { status: false });
});
