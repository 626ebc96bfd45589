import { expect, test } from '../support/test.ts';

// The accessibility tree of the pages: landmarks, headings, names of controls, and the live region. Other texts may change.

test('semantics of the menu, the sheet and the order page', async ({ bar }) => {
  const ada = await bar.phone();
  await expect(ada.page.getByRole('status')).toBeAttached();
  await expect(ada.page.locator('body')).toMatchAriaSnapshot(`
    - status
    - banner:
      - heading "Doppio" [level=1]
    - main:
      - heading "Menu" [level=2]
      - list:
        - listitem:
          - link /Espresso/
    - contentinfo:
      - form "Language"
  `);

  const sheet = await ada.choose('Flat White');
  await expect(sheet).toMatchAriaSnapshot(`
    - dialog "Flat White":
      - group "Size":
        - radio "Regular" [checked]
      - group "Milk":
        - radio "Whole milk" [checked]
        - radio "Oat milk"
      - button "Order flat white"
  `);
  await ada.submit(sheet);
  await ada.called();
  await expect(ada.page.getByRole('button', { name: 'Tell me when ready' })).toBeVisible();
  await expect(ada.page.locator('body')).toMatchAriaSnapshot(`
    - status
    - banner:
      - link "Menu"
    - main:
      - paragraph: Your number
      - heading "You are next" [level=1]
      - button "Tell me when ready"
      - list "Progress of your order"
      - heading "Flat White" [level=2]
      - button "Cancel order"
      - link "See all numbers, as on the wall"
  `);
});

test('semantics of the bar: three lanes of orders, each with one primary button', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  for (const drink of ['Flat White', 'Espresso', 'Americano']) {
    await tablet.post('walk_in_order', { key: drink.replace(' ', ''), drink });
  }
  await expect(tablet.cards(tablet.upNext)).toHaveCount(3);
  await tablet.tap('2', 'Claim');
  await expect(tablet.card('2', tablet.making)).toBeVisible();
  await tablet.tap('3', 'Claim');
  await expect(tablet.card('3', tablet.making)).toBeVisible();
  await tablet.finish('3');
  await bar.server.advance(4);
  await expect(tablet.card('3', tablet.ready)).toContainText('Handed over');
  await expect(tablet.page.locator('main')).toMatchAriaSnapshot(`
    - main:
      - region /Up next 1/:
        - heading /Up next 1/ [level=2]
        - list:
          - listitem /Order 1 ?, Flat White/:
            - heading /Order 1 ?, Flat White/ [level=3]
            - button "Claim"
      - region /Making 1/:
        - heading /Making 1/ [level=2]
        - list:
          - listitem /Order 2 ?, Espresso/:
            - heading /Order 2 ?, Espresso/ [level=3]
            - button "Ready"
      - region /Ready to hand over 1/:
        - heading /Ready to hand over 1/ [level=2]
        - list:
          - listitem /Order 3 ?, Americano/:
            - heading /Order 3 ?, Americano/ [level=3]
            - button "Handed over"
  `);
  await expect(tablet.page.getByRole('status')).toHaveCount(1);
});

test('semantics of the display: two lists with headings; on a phone the own number is named', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  for (const key of ['a', 'b']) {
    await tablet.post('walk_in_order', { key, drink: 'Espresso' });
  }
  await expect(tablet.cards(tablet.upNext)).toHaveCount(2);
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  const display = await bar.display();
  await expect(display.number(display.ready, '1')).toBeVisible();
  await expect(display.page.locator('main')).toMatchAriaSnapshot(`
    - main:
      - region "Ready":
        - heading "Ready" [level=1]
        - list:
          - listitem: /1/
      - region "Preparing":
        - heading "Preparing" [level=2]
        - list:
          - listitem: "2"
      - img "Scan to order"
  `);

  const phone = await bar.page();
  await phone.goto(bar.server.url('/display/mine?number=1'));
  await expect(phone.locator('main')).toMatchAriaSnapshot(`
    - main:
      - heading "The board on your phone" [level=1]
      - status
      - region "Your number":
        - heading "Your number" [level=2]
        - paragraph: "1"
        - paragraph: It's ready! Come to the bar.
      - region "Ready":
        - heading "Ready" [level=2]
      - region "Preparing":
        - heading "Preparing" [level=2]
  `);
});
