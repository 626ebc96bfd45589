import { expect, test } from '../../support/test.ts';

test('without JavaScript a guest orders, a barista makes it, and the display shows it', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.order('Cappuccino', ['Oat milk']);
  await expect(async () => {
    await ada.page.reload();
    await expect(ada.number).toHaveText('1', { timeout: 100 });
  }).toPass();
  await expect(ada.headline).toHaveText('You are next');

  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  await expect(tablet.cards(tablet.upNext)).toHaveText(['Order 1, Cappuccino']);
  await expect(tablet.card('1').getByText('Oat milk')).toBeVisible();
  await expect(display.number(display.preparing, '1')).toBeVisible();

  await tablet.tap('1', 'Claim');
  await expect(tablet.cards(tablet.making)).toHaveText(['Order 1, Cappuccino']);
  await ada.page.reload();
  await expect(ada.headline).toHaveText("We're making it");

  await tablet.finish('1');
  await expect(tablet.undo.getByRole('button', { name: 'Undo' })).toBeVisible();
  await bar.server.advance(4);
  await expect(async () => {
    await display.page.reload();
    await expect(display.number(display.ready, '1')).toBeVisible({ timeout: 100 });
  }).toPass();
  await ada.page.reload();
  await expect(ada.headline).toHaveText("It's ready!");
  await ada.collect();
  await expect(ada.headline).toHaveText('Enjoy!');
  expect(await bar.server.state('1')).toBe('COLLECTED');
});

test('without JavaScript an order can be cancelled', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.order('Latte');
  await expect(async () => {
    await ada.page.reload();
    await expect(ada.number).toHaveText('1', { timeout: 100 });
  }).toPass();
  await ada.cancel();
  await expect(ada.headline).toHaveText('Cancelled');
});

test('without JavaScript changing pages reload by themselves', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.order('Latte');
  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  for (const page of [ada.page, tablet.page, display.page]) {
    await expect(page.locator('meta[http-equiv="refresh"]')).toHaveAttribute('content', /^\d+$/);
  }
});

test('without JavaScript a late command is answered with a message', async ({ bar }) => {
  bar.expects(/409/);
  const ada = await bar.phone();
  await ada.order('Latte');
  await expect(async () => {
    await ada.page.reload();
    await expect(ada.number).toHaveText('1', { timeout: 100 });
  }).toPass();
  const tablet = await bar.tablet('Ana');
  const other = await bar.tablet('Ben');
  await tablet.tap('1', 'Claim');
  await other.tap('1', 'Claim');
  await expect(other.page.getByText(/already making it/)).toBeVisible();
  await ada.cancel();
  await expect(ada.page.getByText(/already making it/)).toBeVisible();
});

test('without JavaScript controls that need a script take no space', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.order('Latte');
  await expect(ada.page.locator('.tell')).toBeHidden();
  const usesScripting = await ada.page.locator('style').evaluateAll((all) => all.some((style) => style.textContent?.includes('(scripting')));
  expect(usesScripting, 'the styles do not need the media feature `scripting` of 2023').toBe(false);
  await expect(ada.page.getByRole('link', { name: 'See all numbers, as on the wall' })).toHaveAttribute('href', '/display/mine');
});
