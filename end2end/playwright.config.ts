import { defineConfig } from '@playwright/test';

import type { Options } from './support/test.ts';
import { ARABIC, ENGLISH, LARGE_TEXT, NARROW_PSEUDO, type Variant } from './support/variants.ts';

// The browser is the one that the system has; `cargo xtask test` finds it, and installs it where it may.
const launchOptions = {
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    // A page whose HTML a test rewrites has no address space of its own, so that the browser would not let it connect.
    '--disable-features=LocalNetworkAccessChecks',
  ],
};
/** What a reader does who needs larger text: the browser's own setting, which pages meet as a larger `rem`. */
const largeText = { ...launchOptions, args: [...launchOptions.args, '--blink-settings=defaultFontSize=32'] };

/** The tests of the states, for one way in which people meet the pages. */
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
  // A promise that holds only sometimes does not hold.
  retries: 0,
  // Every test has a server of its own, but some measure a second, and two machines' worth of browsers would share it.
  workers: 1,
  timeout: 120_000,
  // As long as a busy machine may need; tests that promise a time say so themselves.
  expect: { timeout: 15_000 },
  use: {
    variant: ENGLISH,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    // What a page loads goes past the tests' own interception once a service worker serves it; its tests allow it.
    serviceWorkers: 'block',
    actionTimeout: 15_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    launchOptions,
  },
  projects: [
    { name: 'live', testIgnore: ['plain/**', 'states/**', 'peers/**', 'engines/**', 'screens.spec.ts'] },
    // The same promises for a browser that runs no script.
    { name: 'plain', testMatch: 'plain/**', use: { javaScriptEnabled: false } },
    // The life of an order in Firefox and WebKit, which the tests start themselves.
    { name: 'engines', testMatch: 'engines/**' },
    // Every state of every page, for every reader.
    states(ENGLISH),
    states(ARABIC),
    states(NARROW_PSEUDO),
    states(LARGE_TEXT, { launchOptions: largeText }),
    // Only for `cargo xtask size` with the folders of other systems.
    { name: 'peers', testMatch: 'peers/**' },
    // Pictures for people, kept in docs/screens when KEEP_SCREENS is set.
    { name: 'screens', testMatch: 'screens.spec.ts' },
  ],
});
