import { expect, test } from '../../support/test.ts';

test('without JavaScript the bar places a walk-in, marks a sold-out item, pauses, and recalls an order', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const { page } = tablet;
  await page.locator('.walk-in > summary').click();
  await page.locator('.walk-in').getByRole('button', { name: 'Flat White' }).click();
  await expect(tablet.card('1', tablet.upNext)).toContainText('Walk-in');

  await page.locator('.sold-out > summary').click();
  await page.locator('.sold-out').getByRole('button', { name: 'Mocha' }).click();
  await page.locator('.sold-out > summary').click();
  await expect(page.locator('.sold-out').getByRole('button', { name: 'Mocha' })).toHaveAttribute('aria-pressed', 'true');

  await tablet.tap('1', 'Claim');
  await tablet.tap('1', 'Ready');
  await bar.server.advance(4);
  await expect(async () => {
    await page.reload();
    await tablet.tap('1', 'Handed over');
  }).toPass();
  await expect(tablet.card('1')).toHaveCount(0);
  await page.locator('.past-panel > summary').click();
  await page.locator('.past-list').getByRole('button', { name: 'Make it again' }).click();
  await expect(tablet.card('1', tablet.making)).toContainText('Again');

  await page.locator('.switch > summary').click();
  await page.getByRole('button', { name: '15 min' }).click();
  await expect(page.locator('.switch > summary')).toContainText('Paused');
  await page.locator('.settings-panel > summary').click();
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('only one panel is open, also without a script', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await tablet.open('sold-out');
  await tablet.page.locator('.settings-panel > summary').click();
  await expect(tablet.page.locator('.settings-panel > .panel')).toBeVisible();
  await expect(tablet.page.locator('.sold-out > .panel')).toBeHidden();
});
