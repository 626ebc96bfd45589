import { defineConfig } from '@playwright/test';

// The browser is the one that the system has; `cargo xtask test` finds it, and installs it where it may.
const executablePath = process.env.CHROMIUM || '/usr/bin/chromium';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  reporter: [['list']],
  forbidOnly: true,
  // A promise that holds only sometimes does not hold.
  retries: 0,
  // Every test has a server of its own, but some measure a second, and two machines' worth of browsers would share it.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 5_000 },
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    actionTimeout: 5_000,
    navigationTimeout: 10_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  projects: [
    { name: 'live', testIgnore: ['plain/**', 'screens.spec.ts'] },
    // The same promises for a browser that runs no script.
    { name: 'plain', testMatch: 'plain/**', use: { javaScriptEnabled: false } },
    // Pictures for people, kept in docs/screens when KEEP_SCREENS is set.
    { name: 'screens', testMatch: 'screens.spec.ts' },
  ],
});
