import { expectNoAxeViolations } from '../support/states.ts';
import { expect, test } from '../support/test.ts';

test('axe finds no fault on the phone, from the menu to the collected order', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await expectNoAxeViolations(ada.page);
  const sheet = await ada.choose('Cappuccino');
  await expect(sheet.getByText(/Your place is kept/)).toBeVisible();
  await expectNoAxeViolations(ada.page);
  await ada.submit(sheet);
  await ada.called();
  await expectNoAxeViolations(ada.page);
  await tablet.tap('1', 'Claim');
  await expect(ada.headline).toHaveText("We're making it");
  await expectNoAxeViolations(ada.page);
  await tablet.finish('1');
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!");
  await expectNoAxeViolations(ada.page);
  await ada.page.goto(bar.server.url('/'));
  await expectNoAxeViolations(ada.page);
  await ada.page.goBack();
  await ada.collect();
  await expect(ada.headline).toHaveText('Enjoy!');
  await expectNoAxeViolations(ada.page);
});

test('axe finds no fault on the tablet, empty or full, open or closed', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  await expectNoAxeViolations(tablet.page);
  for (const drink of ['Cappuccino', 'Latte', 'Espresso', 'Mocha']) {
    const guest = await bar.phone();
    await guest.order(drink);
    await guest.called();
  }
  await expect(tablet.cards(tablet.upNext)).toHaveCount(4);
  await tablet.more('4');
  await expectNoAxeViolations(tablet.page);
  await tablet.tap('1', 'Claim');
  await expect(tablet.card('1', tablet.making)).toBeVisible();
  await tablet.tap('2', 'Claim');
  await expect(tablet.card('2', tablet.making)).toBeVisible();
  await tablet.finish('1');
  await expect(tablet.undo.getByRole('button')).toBeVisible();
  await expectNoAxeViolations(tablet.page);
  await bar.server.advance(400);
  await expect(tablet.card('1', tablet.ready).getByRole('button', { name: 'Handed over' })).toBeVisible();
  await expectNoAxeViolations(tablet.page);
  await bar.server.advance(600);
  await expect(tablet.card('3', tablet.ended)).toBeVisible();
  await expectNoAxeViolations(tablet.page);
});

test('axe finds no fault on the display, idle or busy', async ({ bar }) => {
  const display = await bar.display();
  await expect(display.page.getByRole('heading', { level: 1 })).toBeVisible();
  await expectNoAxeViolations(display.page);
  const tablet = await bar.tablet('Ana');
  for (const drink of ['Cappuccino', 'Latte']) {
    const guest = await bar.phone();
    await guest.order(drink);
    await guest.called();
  }
  await expect(display.number(display.preparing, '2')).toBeVisible();
  await expectNoAxeViolations(display.page);
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  await expect(display.number(display.ready, '1')).toBeVisible();
  await expectNoAxeViolations(display.page);
});

test('axe finds no fault on error pages', async ({ bar }) => {
  bar.expects(/40[34]/);
  const page = await bar.page();
  await page.goto(bar.server.addresses.staff);
  await expectNoAxeViolations(page);
  await page.goto(bar.server.url('/barista'));
  await expectNoAxeViolations(page);
  await page.goto(bar.server.url('/orders/there-is-no-such-order'));
  await expectNoAxeViolations(page);
  await page.goto(bar.server.url('/there-is-no-such-page'));
  await expect(page.getByRole('link')).toHaveCount(1);
  await expectNoAxeViolations(page);
});
