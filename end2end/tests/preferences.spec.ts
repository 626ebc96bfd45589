import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { expectNoAxeViolations } from '../support/states.ts';
import { expect, test } from '../support/test.ts';

/** A preference of the device, and its required effect. */
const PREFERENCES = {
  'more contrast': { contrast: 'more' },
  'forced colours': { forcedColors: 'active' },
  'more contrast and dark': { contrast: 'more', colorScheme: 'dark' },
} as const;

for (const [preference, media] of Object.entries(PREFERENCES)) {
  test(`every page works with the preference ${preference}`, async ({ bar }, info) => {
    const ada = await bar.phone();
    const tablet = await bar.tablet('Ana');
    const display = await bar.display();
    await expect(ada.page.getByRole('heading', { level: 1 })).toBeVisible();
    const checkPage = async (page: Page, name: string) => {
      await page.emulateMedia(media);
      // The browser paints the user's colours, but the computed colour of text is still that of the style sheet.
      const painted = 'not what is painted';
      const except: Record<string, string> =
        'forcedColors' in media ? { 'color-contrast': painted, 'color-contrast-enhanced': painted } : {};
      await expectNoAxeViolations(page, `${name} with ${preference}`, except);
      const folder = join(info.project.outputDir, 'preferences');
      mkdirSync(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}-${preference.replaceAll(' ', '-')}.png`), animations: 'disabled' });
    };
    await checkPage(ada.page, 'menu');
    await ada.choose('Cappuccino');
    await checkPage(ada.page, 'sheet');
    await checkPage(tablet.page, 'bar');
    await checkPage(display.page, 'wall');
  });
}

test('in forced colours selected items differ from others, and every button has a border', async ({ bar }) => {
  const ada = await bar.phone();
  await ada.page.emulateMedia({ forcedColors: 'active' });
  const sheet = await ada.choose('Cappuccino');
  const background = (selector: string) =>
    sheet.locator(selector).first().evaluate((element) => getComputedStyle(element).backgroundColor);
  expect(await background('.chip input:checked + span')).not.toBe(await background('.chip input:not(:checked) + span'));
  const edges = await ada.page.locator('button:visible').evaluateAll((buttons) =>
    buttons.map((button) => getComputedStyle(button).borderTopStyle),
  );
  expect(edges.length).toBeGreaterThan(0);
  expect(new Set(edges)).toEqual(new Set(['solid']));
});

test('nothing moves with reduced motion', async ({ bar }) => {
  const page = await bar.page({ ...bar.variant.phone, reducedMotion: 'reduce' });
  await page.goto(bar.server.url('/?drink=Latte'));
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .map((element) => getComputedStyle(element))
      .filter((style) => style.animationName !== 'none' || style.transitionDuration.split(',').some((each) => parseFloat(each) > 0))
      .length,
  );
  expect(moving).toBe(0);
});

test('a theme that is selected on a device overrides the preference of the device', async ({ bar }) => {
  const page = await bar.page();
  await page.context().addCookies([{ name: 'theme', value: 'dark', url: bar.server.addresses.site }]);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(bar.server.url('/'));
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await background()).toBe(dark);
  await page.context().clearCookies();
  await page.emulateMedia({ colorScheme: 'light' });
  await page.reload();
  expect(await background()).not.toBe(dark);
});
