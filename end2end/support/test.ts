import { AxeBuilder } from '@axe-core/playwright';
import { type BrowserContext, type Page, expect, test as base } from '@playwright/test';

import { Phone } from './phone.ts';
import { Rehearsal } from './rehearsal.ts';
import { Tablet } from './tablet.ts';
import { Wall } from './wall.ts';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const TABLET = { viewport: { width: 1180, height: 820 }, hasTouch: true };
const WALL = { viewport: { width: 1920, height: 1080 } };

/** The rules that a page must keep: those of WCAG 2.2, AA, and what axe calls good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The people and screens of one bar. Each has a browser of its own, with its own cookies. */
export class Bar {
  /** What a browser may complain about: requests that the test has refused on purpose. */
  private readonly expected: RegExp[] = [];
  private readonly complaints: string[] = [];
  private readonly contexts: BrowserContext[] = [];

  constructor(
    readonly server: Rehearsal,
    private readonly open: (options: object) => Promise<BrowserContext>,
  ) {}

  /** Another guest, who has just opened the menu. */
  async phone(): Promise<Phone> {
    const page = await this.page(PHONE);
    await page.goto(this.server.url('/'));
    return new Phone(page, this.server);
  }

  /** Another tablet behind the bar, on which the staff link has been opened. */
  async tablet(name: string): Promise<Tablet> {
    const tablet = new Tablet(await this.page(TABLET), this.server, name);
    await tablet.signIn();
    return tablet;
  }

  /** Another screen on the wall. */
  async wall(): Promise<Wall> {
    const page = await this.page(WALL);
    await page.goto(this.server.url('/display'));
    return new Wall(page);
  }

  /** A browser of the given size that has opened nothing yet. */
  async page(options: object = PHONE): Promise<Page> {
    const context = await this.open(options);
    this.contexts.push(context);
    const page = await context.newPage();
    page.on('console', (message) => {
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

export const test = base.extend<{ server: Rehearsal; bar: Bar }>({
  server: async ({}, use, info) => {
    const server = await Rehearsal.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: server.log, contentType: 'text/plain' });
    }
    await server.stop();
  },
  bar: async ({ browser, server, javaScriptEnabled }, use) => {
    // The options of the project, such as whether scripts run, apply to every context of a test.
    const bar = new Bar(server, (size) => browser.newContext(size));
    if (!javaScriptEnabled) {
      // The page names the WebAssembly ahead, and a browser that runs no script has no use for it.
      bar.expects(/was preloaded using link preload but not used/);
    }
    await use(bar);
    await bar.close();
    expect(bar.unexpected(), 'the consoles of the browsers are silent').toEqual([]);
  },
});

/** Looks for barriers in what the page shows now. */
export async function expectNoBarriers(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(' | ')}`);
  expect(found, `barriers on ${page.url()}`).toEqual([]);
}

export { expect };
