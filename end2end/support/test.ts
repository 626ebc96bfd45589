import { type BrowserContext, type Page, expect, test as base } from '@playwright/test';

import { Phone } from './phone.ts';
import { TestServer } from './test-server.ts';
import { Tablet } from './tablet.ts';
import { ENGLISH, type Variant } from './variants.ts';
import { Display } from './display.ts';
import { type Language, textOf } from './messages.ts';

/** The options of a Playwright project. */
export interface Options {
  /** Language and screen sizes. */
  variant: Variant;
}

/** The console message of Playwright about a blocked service worker. */
const BLOCKED = 'Service Worker registration blocked by Playwright';

/** The users and screens of one bar. Each has its own browser context with its own cookies. */
export class TestBar {
  /** Expected console messages, such as about requests that the test blocks. */
  private readonly expected: RegExp[] = [];
  private readonly consoleMessages: string[] = [];
  private readonly contexts: BrowserContext[] = [];

  constructor(
    readonly server: TestServer,
    readonly variant: Variant,
    private readonly open: (options: object) => Promise<BrowserContext>,
  ) {}

  /** The language of this test. */
  get language(): Language {
    return this.variant.language;
  }

  /** The text of a message in the language of this test. */
  text(name: string, places: Record<string, string | number> = {}): string {
    return textOf(this.language, name, places);
  }

  /** Opens the menu for another guest. */
  async phone(): Promise<Phone> {
    const page = await this.page();
    await page.goto(this.server.url('/'));
    return new Phone(page, this.server, this.language);
  }

  /** Signs in another barista. */
  async tablet(name: string): Promise<Tablet> {
    const tablet = new Tablet(await this.page(this.variant.tablet), this.server, name, this.language);
    await tablet.signIn();
    return tablet;
  }

  /** Opens another display. */
  async display(): Promise<Display> {
    const page = await this.page(this.variant.display);
    await page.goto(this.server.url('/display'));
    return new Display(page, this.language);
  }

  /** An empty page of the given size. */
  async page(options: object = this.variant.phone): Promise<Page> {
    const { language } = this;
    const context = await this.open({ locale: language === 'en-XA' ? 'en-GB' : LOCALE[language], ...options });
    this.contexts.push(context);
    if (language === 'en-XA') {
      // No browser requests the pseudo-language.
      await context.addCookies([{ name: 'language', value: language, url: this.server.addresses.site }]);
    }
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.text() === BLOCKED) {
        return;
      }
      if (message.type() === 'error' || message.type() === 'warning') {
        this.consoleMessages.push(`${page.url()}: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.consoleMessages.push(`${page.url()}: ${error.message}`));
    return page;
  }

  /** Allows console messages that the test provokes. */
  expects(message: RegExp): void {
    this.expected.push(message);
  }

  /** The unexpected console messages. */
  unexpected(): string[] {
    return this.consoleMessages.filter((line) => !this.expected.some((expected) => expected.test(line)));
  }

  async close(): Promise<void> {
    await Promise.all(this.contexts.map((context) => context.close()));
  }
}

/** The locale of a browser in that language. */
const LOCALE: Record<Exclude<Language, 'en-XA'>, string> = {
  en: 'en-GB',
  de: 'de-DE',
  es: 'es-ES',
  pt: 'pt-BR',
  ja: 'ja-JP',
  ar: 'ar-EG',
};

export const test = base.extend<{ server: TestServer; bar: TestBar } & Options>({
  variant: [ENGLISH, { option: true }],
  server: async ({}, use, info) => {
    const server = await TestServer.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: server.log, contentType: 'text/plain' });
    }
    await server.stop();
  },
  bar: async ({ browser, server, variant, javaScriptEnabled }, use) => {
    // The options of the project, such as whether scripts run, apply to every context of a test.
    const bar = new TestBar(server, variant, (size) => browser.newContext(size));
    if (!javaScriptEnabled) {
      // The page preloads the WebAssembly, which is not used without JavaScript.
      bar.expects(/was preloaded using link preload but not used/);
    }
    await use(bar);
    await bar.close();
    expect(bar.unexpected(), 'unexpected console messages').toEqual([]);
  },
});

export { expect };
