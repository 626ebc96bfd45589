import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';

import { TEXT_SPACING, overflows, fits, missingImages, smallTargets, liveRegions } from './page-checks.ts';
import type { Options } from './test.ts';
import { direction } from './messages.ts';

/** The axe rules for all pages: WCAG 2.2 AA and best practices. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The folder of the screenshots: `KEEP_SCREENS=1 cargo xtask test browser`. */
const SCREENS_FOLDER = process.env.KEEP_SCREENS ? join(import.meta.dirname, '../../docs/screens') : undefined;

/** Milliseconds without a frame after which a page says that it is not live: 15 seconds and one tick. */
export const SILENCE = 16_000;

/** Exceptions for a state. */
export interface StateOptions {
  /** False if nothing on the page changes by itself, so that nothing is announced. */
  status?: boolean;
  /** True for a state whose screenshot is in the README. */
  main?: boolean;
  /** Axe rules that do not apply to this state, with the reason. */
  except?: Record<string, string>;
}

/**
 * Checks the page in light and dark: axe rules, cut-off texts, small targets, the language attribute, and the single live
 * region. Saves a screenshot of both.
 *
 * `name` is that of the state, such as `order-ready`.
 */
export async function expectGoodState(page: Page, name: string, options: StateOptions = {}): Promise<void> {
  const { variant } = test.info().project.use as Options;
  await page.evaluate(() => document.fonts.ready);

  const html = page.locator('html');
  await expect(html, `${name} has its language`).toHaveAttribute('lang', variant.language);
  await expect(html, `${name} has its direction`).toHaveAttribute('dir', direction(variant.language));
  await expect(page, `${name} has a title`).toHaveTitle(/\S/);
  if (options.status !== false) {
    expect(await page.evaluate(liveRegions), `live regions in ${name}`).toBe(1);
  }

  await expectFit(page, name);
  expect(await page.evaluate(missingImages), `missing images in ${name}`).toEqual([]);
  expect(await page.evaluate(smallTargets, minimumTargets(page)), `targets that are too small in ${name}`).toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoAxeViolations(page, `${name}, ${colorScheme}`, options.except);
    await saveScreenshot(page, name, colorScheme, options.main === true);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Checks for cut-off texts, also with the text spacing of WCAG 1.4.12. */
export async function expectFit(page: Page, name: string): Promise<void> {
  const { variant } = test.info().project.use as Options;
  expect(await page.evaluate(fits), `what does not fit in ${name}`).toEqual([]);
  expect(await page.evaluate(overflows), `what extends beyond its card or column in ${name}`).toEqual([]);
  // WCAG 1.4.12 exempts scripts with joined letters, such as Arabic. One other language is enough.
  if (variant.name === 'english') {
    await page.evaluate(`(${TEXT_SPACING.on})()`);
    expect(await page.evaluate(fits), `what does not fit in ${name} with text spacing`).toEqual([]);
    await page.evaluate(`(${TEXT_SPACING.off})()`);
  }
}

/** Runs axe on the page. */
export async function expectNoAxeViolations(page: Page, name = page.url(), except: StateOptions['except'] = {}): Promise<void> {
  // In legacy mode axe needs no second page. It does not check frames, and there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode().withTags(RULES);
  const off = Object.fromEntries(Object.keys(except).map((rule) => [rule, { enabled: false }]));
  // Rules that are off by default: target size of WCAG 2.2, and a contrast of 7:1.
  const on = { 'target-size': { enabled: true }, 'color-contrast-enhanced': { enabled: true } };
  axe.options({ runOnly: { type: 'tag', values: RULES }, rules: { ...on, ...off } });
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, help, nodes }) => {
    const where = nodes.map((node) => `${node.html} ${node.any.map((check) => check.message).join(' ')}`);
    return `${id}: ${help}: ${where.join(' | ')}`;
  });
  expect(found, `axe violations in ${name}`).toEqual([]);
}

/** The minimum target size for each kind of user. */
function minimumTargets(page: Page): { target: number; primary: { width: number; height: number } } {
  const isBar = new URL(page.url()).pathname === '/barista';
  return { target: 44, primary: isBar ? { width: 64, height: 56 } : { width: 44, height: 44 } };
}

async function saveScreenshot(page: Page, name: string, colorScheme: string, main: boolean): Promise<void> {
  const { outputDir, use } = test.info().project;
  const { variant } = use as Options;
  const folder = join(outputDir, 'states', variant.name);
  mkdirSync(folder, { recursive: true });
  const picture = await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), animations: 'disabled' });
  if (SCREENS_FOLDER && main) {
    await test.info().attach(name, { body: picture, contentType: 'image/png' });
    await page.screenshot({ path: join(SCREENS_FOLDER, `${name}-${variant.name}-${colorScheme}.png`), animations: 'disabled' });
  }
}
