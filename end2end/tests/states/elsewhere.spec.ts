import { expectGoodState } from '../../support/states.ts';
import { expect, test } from '../../support/test.ts';

test('an address that leads nowhere, and an order that is somebody else’s', async ({ bar }) => {
  bar.expects(/404/);
  const page = await bar.page();
  await page.goto(bar.server.url('/nowhere'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(bar.say('common_lost_title'));
  await expectGoodState(page, 'lost', { status: false });

  await page.goto(bar.server.url('/orders/there-is-no-such-order'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(bar.say('common_trouble_title'));
  await expect(page.getByText(bar.say('common_refused_not_found'))).toBeVisible();
  await expectGoodState(page, 'order-not-found', { status: false });
});

test('the staff link: a name is asked for, and asked for again in words', async ({ bar }) => {
  bar.expects(/400/);
  const page = await bar.page(bar.variant.tablet);
  await page.goto(bar.server.addresses.staff);
  await expect(page.getByLabel(bar.say('common_sign_in_name'))).toBeFocused();
  await expectGoodState(page, 'sign-in', { status: false });

  await page.getByLabel(bar.say('common_sign_in_name')).fill('   ');
  await page.getByRole('button', { name: bar.say('common_sign_in'), exact: true }).click();
  await expect(page.getByRole('alert')).toHaveText(bar.say('common_sign_in_problem'));
  await expectGoodState(page, 'sign-in-again', { status: false });
});
