import { defineConfig } from '@playwright/test';

import type { Options } from './support/test.ts';
import { ARABIC, ENGLISH, LARGE_TEXT, NARROW_PSEUDO, type Variant } from './support/variants.ts';

// `cargo xtask test` finds or installs the browser.
const launchOptions = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    // Pages with rewritten HTML have no address space, so the browser would block their connections.
    '--disable-features=LocalNetworkAccessChecks',
  ],
};
/** The browser setting for larger text, which changes `rem`. */
const largeText = { ...launchOptions, args: [...launchOptions.args, '--blink-settings=defaultFontSize=32'] };

/** The tests of all states for one variant. */
const states = (variant: Variant, use: object = {}) => ({
  name: variant.name,
  testMatch: 'states/**',
  use: { variant, ...use },
});

export default defineConfig<Options>({
  testDir: 'tests',
  outputDir: 'test-results',
  reporter: [['list']],
  forbidOnly: true,
  // A flaky test is a failure.
  retries: 0,
  // Each test has its own server, but some have time limits, so they do not run in parallel.
  workers: 1,
  timeout: 120_000,
  // Long enough for a busy machine. Tests with time limits set them themselves.
  expect: { timeout: 15_000 },
  use: {
    variant: ENGLISH,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    // A service worker would bypass the request interception of tests. Its own tests allow it.
    serviceWorkers: 'block',
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    launchOptions,
  },
  projects: [
    { name: 'live', testIgnore: ['plain/**', 'states/**', 'peers/**', 'engines/**', 'screenshots.spec.ts'] },
    // Without JavaScript.
    { name: 'plain', testMatch: 'plain/**', use: { javaScriptEnabled: false } },
    // Firefox and WebKit, which the tests start themselves.
    { name: 'engines', testMatch: 'engines/**' },
    // Every state of every page in each variant.
    states(ENGLISH),
    states(ARABIC),
    states(NARROW_PSEUDO),
    states(LARGE_TEXT, { launchOptions: largeText }),
    // Only for `cargo xtask size` with other systems.
    { name: 'peers', testMatch: 'peers/**' },
    // Screenshots, kept in docs/screens if KEEP_SCREENS is set.
    { name: 'screens', testMatch: 'screenshots.spec.ts' },
  ],
});
