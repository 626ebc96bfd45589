import { expect, test } from '../support/test.ts';

test('300 seconds without a choice end the order: phone and table have the reason', async ({ bar }) => {
  const ada = await bar.phone();
  const sheet = await ada.choose('Latte');
  // The time-out starts when the workflow begins to wait.
  await expect.poll(async () => (await bar.server.orders())[0]?.['TaskToken']?.S).toBeTruthy();
  await bar.server.advance(299);
  await expect(sheet.getByRole('button', { name: /^Order / })).toBeVisible();
  await bar.server.advance(2);
  await expect(sheet.getByText('We kept your place for a while')).toBeVisible();
  await expect(sheet.getByRole('button', { name: /^Order / }), 'the selection can still be ordered').toBeEnabled();
  const [order] = await bar.server.orders();
  expect(order?.['ORDERSTATE']?.S).toBe('TIMED_OUT');
  expect(order?.['TaskToken'], 'a spent token is removed').toBeUndefined();
});

test('900 seconds without a barista end the order: phone, tablet and table have the reason', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  const ada = await bar.phone();
  await ada.order('Latte');
  await ada.called();
  await bar.server.advance(899);
  await expect(tablet.card('1', tablet.upNext)).toBeVisible();
  await bar.server.advance(2);
  await expect(ada.headline).toHaveText('Sorry, we did not get to it');
  await expect(tablet.card('1', tablet.ended)).toContainText('Waited too long');
  await expect(display.page.getByText('1', { exact: true })).toHaveCount(0);
  const [order] = await bar.server.orders();
  expect(order?.['ORDERSTATE']?.S).toBe('TIMED_OUT');
  expect(order?.['TaskToken'], 'a spent token is removed').toBeUndefined();
});

test('an order that is not collected ends after ten minutes', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!");
  await bar.server.advance(601);
  await expect(ada.headline).toHaveText('We missed each other');
  expect(await bar.server.state('1')).toBe('UNCOLLECTED');
});
