import { type BrowserContext, type Page, expect, test as base } from '@playwright/test';

import { Phone } from './phone.ts';
import { Rehearsal } from './rehearsal.ts';
import { Tablet } from './tablet.ts';
import { ENGLISH, type Variant } from './variants.ts';
import { Wall } from './wall.ts';
import { type Language, say } from './words.ts';

/** What a project may set for its tests. */
export interface Options {
  /** How people meet the pages: language, size of screen. */
  variant: Variant;
}

/** What Playwright says in the place of a service worker. */
const BLOCKED = 'Service Worker registration blocked by Playwright';

/** The people and screens of one bar. Each has a browser of its own, with its own cookies. */
export class Bar {
  /** What a browser may complain about: requests that the test has refused on purpose. */
  private readonly expected: RegExp[] = [];
  private readonly complaints: string[] = [];
  private readonly contexts: BrowserContext[] = [];

  constructor(
    readonly server: Rehearsal,
    readonly variant: Variant,
    private readonly open: (options: object) => Promise<BrowserContext>,
  ) {}

  /** The language of this test's readers. */
  get language(): Language {
    return this.variant.language;
  }

  /** What the pages say for a message, in the language of this test. */
  say(name: string, places: Record<string, string | number> = {}): string {
    return say(this.language, name, places);
  }

  /** Another guest, who has just opened the menu. */
  async phone(): Promise<Phone> {
    const page = await this.page();
    await page.goto(this.server.url('/'));
    return new Phone(page, this.server, this.language);
  }

  /** Another tablet behind the bar, on which the staff link has been opened. */
  async tablet(name: string): Promise<Tablet> {
    const tablet = new Tablet(await this.page(this.variant.tablet), this.server, name, this.language);
    await tablet.signIn();
    return tablet;
  }

  /** Another screen on the wall. */
  async wall(): Promise<Wall> {
    const page = await this.page(this.variant.wall);
    await page.goto(this.server.url('/display'));
    return new Wall(page, this.language);
  }

  /** A browser of the given size that has opened nothing yet. */
  async page(options: object = this.variant.phone): Promise<Page> {
    const { language } = this;
    const context = await this.open({ locale: language === 'en-XA' ? 'en-GB' : LOCALE[language], ...options });
    this.contexts.push(context);
    if (language === 'en-XA') {
      // Nobody's browser asks for it.
      await context.addCookies([{ name: 'language', value: language, url: this.server.addresses.site }]);
    }
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.text() === BLOCKED) {
        return;
      }
      if (message.type() === 'error' || message.type() === 'warning') {
        this.complaints.push(`${page.url()}: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    return page;
  }

  /** Says that the browser's console will speak of this, because the test provokes it. */
  expects(complaint: RegExp): void {
    this.expected.push(complaint);
  }

  /** What the consoles said that no test had provoked. */
  unexpected(): string[] {
    return this.complaints.filter((line) => !this.expected.some((expected) => expected.test(line)));
  }

  async close(): Promise<void> {
    await Promise.all(this.contexts.map((context) => context.close()));
  }
}

/** What a browser in that language says of itself. */
const LOCALE: Record<Exclude<Language, 'en-XA'>, string> = {
  en: 'en-GB',
  de: 'de-DE',
  es: 'es-ES',
  pt: 'pt-BR',
  ja: 'ja-JP',
  ar: 'ar-EG',
};

export const test = base.extend<{ server: Rehearsal; bar: Bar } & Options>({
  variant: [ENGLISH, { option: true }],
  server: async ({}, use, info) => {
    const server = await Rehearsal.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: server.log, contentType: 'text/plain' });
    }
    await server.stop();
  },
  bar: async ({ browser, server, variant, javaScriptEnabled }, use) => {
    // The options of the project, such as whether scripts run, apply to every context of a test.
    const bar = new Bar(server, variant, (size) => browser.newContext(size));
    if (!javaScriptEnabled) {
      // The page names the WebAssembly ahead, and a browser that runs no script has no use for it.
      bar.expects(/was preloaded using link preload but not used/);
    }
    await use(bar);
    await bar.close();
    expect(bar.unexpected(), 'the consoles of the browsers are silent').toEqual([]);
  },
});

export { expect };
