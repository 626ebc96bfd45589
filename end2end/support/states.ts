import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';

import { TEXT_SPACING, escapes, fits, holes, smallTargets, statuses } from './measure.ts';
import type { Options } from './test.ts';
import { direction } from './words.ts';

/** The rules that a page must keep: those of WCAG 2.2, AA, and what axe calls good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Where pictures for people go: `KEEP_SCREENS=1 cargo xtask test browser`. */
const KEPT = process.env.KEEP_SCREENS ? join(import.meta.dirname, '../../docs/screens') : undefined;

/** After so long without a word, in milliseconds of its clock, a page says that it is not live: 15 seconds, and a tick. */
export const SILENCE = 16_000;

/** What is peculiar to a state. */
export interface Peculiar {
  /** False where nothing on the page changes by itself, so that there is nothing to announce. */
  status?: boolean;
  /** True for a state whose picture belongs in the README. */
  main?: boolean;
  /** Rules of axe that this state breaks on purpose, each with the reason. */
  except?: Record<string, string>;
}

/**
 * Looks at the page as it is now, in light and in dark: barriers, texts that are cut off, targets that are too small,
 * the language that it says it is in, its one place for announcements. Keeps a picture of both.
 *
 * `name` is that of the state, such as `order-ready`.
 */
export async function expectGoodState(page: Page, name: string, peculiar: Peculiar = {}): Promise<void> {
  const { variant } = test.info().project.use as Options;
  await page.evaluate(() => document.fonts.ready);

  const html = page.locator('html');
  await expect(html, `${name} says which language it is in`).toHaveAttribute('lang', variant.language);
  await expect(html, `${name} says how it is written`).toHaveAttribute('dir', direction(variant.language));
  await expect(page, `${name} has a title`).toHaveTitle(/\S/);
  if (peculiar.status !== false) {
    expect(await page.evaluate(statuses), `places for announcements in ${name}`).toBe(1);
  }

  await expectFit(page, name);
  expect(await page.evaluate(holes), `pictures missing in ${name}`).toEqual([]);
  expect(await page.evaluate(smallTargets, floor(page)), `targets that are too small in ${name}`).toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoBarriers(page, `${name}, ${colorScheme}`, peculiar.except);
    await keep(page, name, colorScheme, peculiar.main === true);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Looks for texts that are cut off, or outside of what can be seen; also with the spacing that a reader may need. */
export async function expectFit(page: Page, name: string): Promise<void> {
  const { variant } = test.info().project.use as Options;
  expect(await page.evaluate(fits), `what does not fit in ${name}`).toEqual([]);
  expect(await page.evaluate(escapes), `what leaves its card or column in ${name}`).toEqual([]);
  // Arabic letters are joined and know no letter spacing; WCAG 1.4.12 exempts such writing. For the others once is
  // enough.
  if (variant.name === 'english') {
    await page.evaluate(`(${TEXT_SPACING.on})()`);
    expect(await page.evaluate(fits), `what does not fit in ${name} with text spacing`).toEqual([]);
    await page.evaluate(`(${TEXT_SPACING.off})()`);
  }
}

/** Looks for barriers in what the page shows now. */
export async function expectNoBarriers(page: Page, name = page.url(), except: Peculiar['except'] = {}): Promise<void> {
  // In legacy mode axe needs no second page. There are no frames here that it would miss.
  const axe = new AxeBuilder({ page }).setLegacyMode().withTags(RULES);
  const off = Object.fromEntries(Object.keys(except).map((rule) => [rule, { enabled: false }]));
  // Off unless asked for: the one rule of WCAG 2.2, and contrast as the colours of `style/` promise it, 7:1.
  const on = { 'target-size': { enabled: true }, 'color-contrast-enhanced': { enabled: true } };
  axe.options({ runOnly: { type: 'tag', values: RULES }, rules: { ...on, ...off } });
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, help, nodes }) => {
    const where = nodes.map((node) => `${node.html} ${node.any.map((check) => check.message).join(' ')}`);
    return `${id}: ${help}: ${where.join(' | ')}`;
  });
  expect(found, `barriers in ${name}`).toEqual([]);
}

/** How small a target may be, by whose hand taps it. */
function floor(page: Page): { target: number; primary: { width: number; height: number } } {
  const wet = new URL(page.url()).pathname === '/barista';
  return { target: 44, primary: wet ? { width: 64, height: 56 } : { width: 44, height: 44 } };
}

async function keep(page: Page, name: string, colorScheme: string, main: boolean): Promise<void> {
  const { outputDir, use } = test.info().project;
  const { variant } = use as Options;
  const folder = join(outputDir, 'states', variant.name);
  mkdirSync(folder, { recursive: true });
  const picture = await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), animations: 'disabled' });
  if (KEPT && main) {
    await test.info().attach(name, { body: picture, contentType: 'image/png' });
    await page.screenshot({ path: join(KEPT, `${name}-${variant.name}-${colorScheme}.png`), animations: 'disabled' });
  }
}
