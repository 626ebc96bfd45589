import type { Page } from '@playwright/test';

import { BaristaApi } from '../support/barista-api.ts';
import { expect, test } from '../support/test.ts';

/**
 * What Chromium's translator does: each text node is replaced by a new one in two `font` elements, now and whenever the
 * page changes. "Translated" text is in brackets.
 */
async function translate(page: Page): Promise<void> {
  const translator = () => {
    const replace = () => {
      document.documentElement.classList.add('translated-ltr');
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: Text[] = [];
      while (walker.nextNode()) {
        found.push(walker.currentNode as Text);
      }
      for (const text of found) {
        if (text.data.trim() && !text.parentElement!.closest('font, script, noscript, style, [translate="no"]')) {
          const [outer, inner] = [document.createElement('font'), document.createElement('font')];
          inner.textContent = `⟨${text.data}⟩`;
          outer.append(inner);
          text.replaceWith(outer);
        }
      }
    };
    new MutationObserver(replace).observe(document.body, { childList: true, characterData: true, subtree: true });
    replace();
  };
  await page.evaluate(translator);
}

test('a translated page stays live: the headline says ready, and no old text remains', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  const order = await ada.order('Latte', ['Oat milk']);
  const number = await ada.called();
  await ada.live();
  await translate(ada.page);
  await expect(ada.headline).toHaveText(`⟨${ada.text('order_next')}⟩`);
  await expect(ada.number, 'numbers are not translated').toHaveText(number);
  await barista.claim(order);
  await expect(ada.headline).toHaveText(`⟨${ada.text('order_making_headline')}⟩`);
  await barista.serve(order);
  await expect(ada.headline).toHaveText(`⟨${ada.text('order_ready_headline')}⟩`);
  await expect(ada.number).toHaveText(number);
  await ada.page.getByRole('button', { name: ada.text('order_collect') }).click();
  await expect(ada.headline).toHaveText(`⟨${ada.text('order_collected_headline')}⟩`);
  await expect(ada.page.locator('.lifeless')).toHaveCount(0);
});

test('the order button of a translated menu names what is chosen', async ({ bar }) => {
  const ada = await bar.phone();
  const sheet = await ada.choose('Flat White');
  await ada.live();
  const button = sheet.locator('button[type="submit"]');
  await ada.chip('Oat milk').click();
  await expect(button).toHaveText('Order oat flat white');
  await translate(ada.page);
  await expect(button).toHaveText('⟨Order oat flat white⟩');
  await ada.chip('Soy milk').click();
  await expect(button).toHaveText('⟨Order soy flat white⟩');
  await ada.submit(sheet);
  await expect(ada.page.locator('.ordered')).toContainText('Soy milk');
});

test('a page that was translated before hydration becomes live', async ({ bar }) => {
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  let release = () => {};
  const translated = new Promise<void>((resolve) => (release = resolve));
  await ada.page.route(/\.wasm/, async (route) => {
    await translated;
    await route.continue();
  });
  await ada.page.reload({ waitUntil: 'domcontentloaded' });
  await translate(ada.page);
  release();
  await ada.live();
  await barista.claim(order);
  await expect(ada.headline).toHaveText(`⟨${ada.text('order_making_headline')}⟩`);
  await expect(ada.page.locator('.lifeless')).toHaveCount(0);
});

test('a translated tablet stays live, and does not translate names and numbers', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const ada = await bar.phone();
  await ada.order('Latte');
  const first = await ada.called();
  await expect(tablet.card(first)).toBeVisible();
  await translate(tablet.page);
  const ben = await bar.phone();
  const order = await ben.order('Espresso');
  const second = await ben.called();
  await expect(tablet.page.locator('.card .number', { hasText: new RegExp(`^${second}$`) })).toBeVisible();
  await expect(tablet.page.locator('.settings-panel > summary .name')).toHaveText('Ana');
  await (await BaristaApi.of(bar, 'Ben')).claim(order);
  const card = tablet.page.locator('.card').filter({ has: tablet.page.locator('.number', { hasText: new RegExp(`^${second}$`) }) });
  await expect(card).toContainText('Ben');
});
