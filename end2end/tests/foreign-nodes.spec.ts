import type { Page } from '@playwright/test';

import { BaristaApi } from '../support/barista-api.ts';
import { expect, test } from '../support/test.ts';

/** Nodes that proxies, extensions and minifiers insert. */
const NODES = { element: '<div class="foreign"></div>', comment: '<!-- foreign -->', newline: '\n' } as const;

/** Positions at which a page stays live. */
const TOLERATED: [string, (html: string, node: string) => string][] = [
  ['after the head', (html, node) => html.replace('</head>', `</head>${node}`)],
  ['at the start of the body', (html, node) => html.replace(/<body[^>]*>/, (body) => body + node)],
  ['at the end of the body', (html, node) => html.replace('</body>', `${node}</body>`)],
];

/** Positions that make hydration impossible. */
const FATAL: [string, (html: string, node: string) => string][] = [
  ['at the start of main', (html, node) => html.replace(/<main[^>]*>/, (main) => main + node)],
  ['at the start of every form', (html, node) => html.replace(/<form[^>]*>/g, (form) => form + node)],
  ['before the page', (html, node) => html.replace(/<div id="root"[^>]*>/, (root) => root + node)],
];

const notice = (page: Page) => page.locator('.lifeless');

/** Rewrites every page that this browser loads. */
async function rewrite(page: Page, change: (html: string) => string): Promise<void> {
  await page.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') {
      return route.fallback();
    }
    const response = await route.fetch();
    await route.fulfill({ response, body: change(await response.text()) });
  });
}

for (const [where, insert] of TOLERATED) {
  test(`pages tolerate foreign nodes ${where}`, async ({ bar }) => {
    const all = Object.values(NODES).join('');
    const barista = await BaristaApi.of(bar);
    const ada = await bar.phone();
    const order = await ada.order('Latte');
    const number = await ada.called();
    await rewrite(ada.page, (html) => insert(html, all));
    await ada.page.reload();
    await ada.live();
    const tablet = await bar.tablet('Ana');
    await rewrite(tablet.page, (html) => insert(html, all));
    await tablet.page.reload();
    await expect(tablet.card(number)).toBeVisible();
    await barista.claim(order);
    await barista.serve(order);
    await expect(ada.headline).toHaveText(ada.text('order_ready_headline'));
    await expect(tablet.card(number, tablet.ready)).toBeVisible();
    await expect(notice(ada.page)).toHaveCount(0);
    await expect(notice(tablet.page)).toHaveCount(0);
  });
}

for (const [where, insert] of FATAL) {
  for (const [what, node] of Object.entries(NODES)) {
    test(`with a foreign ${what} ${where} the page says that it is not live and reloads`, async ({ bar }) => {
      // The failed hydration.
      bar.expects(/unreachable|RuntimeError/);
      const ada = await bar.phone();
      await ada.order('Latte');
      const number = await ada.called();
      await rewrite(ada.page, (html) => insert(html, node));
      await ada.page.reload();
      await expect(notice(ada.page)).toContainText(ada.text('common_line_failed_refreshes', { seconds: 5 }));

      const tablet = await bar.tablet('Ana');
      await rewrite(tablet.page, (html) => insert(html, node));
      await tablet.page.reload();
      await expect(notice(tablet.page)).toContainText(tablet.text('common_line_failed_refreshes', { seconds: 10 }));

      // Its buttons are the browser's own.
      await tablet.tap(number, tablet.text('barista_claim'));
      await expect(tablet.card(number, tablet.making)).toBeVisible();
      await expect(notice(tablet.page)).toBeVisible();
      await tablet.tap(number, tablet.text('barista_ready'));
      await expect(tablet.undo.getByText(tablet.text('barista_undo_text', { number }))).toBeVisible();
      await bar.server.advance(4);
      await expect(ada.headline).toHaveText(ada.text('order_ready_headline'));
      await expect(notice(ada.page)).toBeVisible();
      await expect(tablet.card(number, tablet.ready)).toBeVisible();
      await ada.collect();
      await expect(ada.headline).toHaveText(ada.text('order_collected_headline'));
    });
  }
}

test('after a panic the order button does not name a wrong milk', async ({ bar }) => {
  const ada = await bar.phone();
  const sheet = await ada.choose('Flat White');
  await ada.live();
  const button = sheet.locator('button[type="submit"]');
  await ada.chip('Oat milk').click();
  await expect(button).toHaveText('Order oat flat white');
  await ada.page.evaluate(() => dispatchEvent(new Event('failed')));
  await expect(button).toHaveText('Order flat white');
  await ada.chip('Soy milk').click();
  await ada.submit(sheet);
  await expect(ada.page.locator('.ordered')).toContainText('Soy milk');
});

test('after a panic a live page stops and says so', async ({ bar }) => {
  bar.expects(/unreachable|RuntimeError/);
  const barista = await BaristaApi.of(bar);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  await ada.live();
  const seen = new Set<string | null>();
  const times = async () => seen.add(await ada.page.locator('#rendered-at').getAttribute('data-now')).size;
  await expect.poll(times, { message: 'the page has been rendered several times' }).toBeGreaterThan(3);
  // The panic hook dispatches this event.
  await ada.page.evaluate(() => dispatchEvent(new Event('failed')));
  await expect(notice(ada.page)).toContainText(ada.text('common_line_failed_refreshes', { seconds: 5 }));
  await expect(ada.page.getByRole('button', { name: ada.text('order_tell') }), 'a page without a script has no such button').toHaveCount(0);
  const again = ada.page.waitForEvent('load');
  await barista.claim(order);
  await again;
  await ada.live();
  await expect(notice(ada.page), 'the next page is live').toHaveCount(0);
});
