import { fits, smallTargets } from '../support/page-checks.ts';
import { expect, test } from '../support/test.ts';

/** A page with a defect, and a part of the expected report. */
const DEFECTS: [string, string, RegExp][] = [
  ['a text wider than the screen', '<p style="white-space: nowrap; width: 1900px">wide</p>', /the page is/],
  ['a text cut off by its box', '<p style="width: 40px; overflow: hidden; white-space: nowrap">much too long</p>', /cut off/],
  ['a line of which half is hidden', '<p style="height: 8px; overflow: hidden">half</p>', /cut off/],
  ['a text that ends in dots', '<p style="width: 40px; text-overflow: ellipsis; white-space: nowrap">too long</p>', /cut off/],
  ['a bar below the edge of the screen', '<div style="position: fixed; top: 100%">below</div>', /fixed above or below/],
  ['two texts in one place', '<p>one</p><p style="margin-top: -2.2em">other</p>', /on top of each other/],
];

for (const [defect, body, words] of DEFECTS) {
  test(`the check reports ${defect}`, async ({ page }) => {
    await page.setContent(`<!doctype html><body>${body}</body>`);
    expect((await page.evaluate(fits)).join()).toMatch(words);
  });
}

test('the check reports a target that is too small', async ({ page }) => {
  await page.setContent('<button style="width: 30px; height: 30px">×</button><a href="/" class="primary" style="display: block; width: 60px; height: 50px">Go</a>');
  const finger = { width: 44, height: 44 };
  expect(await page.evaluate(smallTargets, { target: 44, primary: finger })).toHaveLength(1);
  expect(await page.evaluate(smallTargets, { target: 44, primary: { width: 64, height: 56 } })).toHaveLength(2);
});

test('the check reports nothing for a page without defects', async ({ page }) => {
  await page.setContent(
    '<!doctype html><body><p>Some words.</p><p style="clip-path: inset(50%); position: absolute; left: 0; top: 0">unseen</p><button style="min-width: 44px; min-height: 44px">OK</button></body>',
  );
  expect(await page.evaluate(fits)).toEqual([]);
  expect(await page.evaluate(smallTargets, { target: 44, primary: { width: 44, height: 44 } })).toEqual([]);
});
