import type { BrowserContext, Page } from '@playwright/test';

import type { Auditor, Moment, State } from './auditor.ts';
import type { NetworkProxy } from './network-proxy.ts';

/** The visible state of a screen. */
export interface Seen {
  /** The value of `data-line`. */
  line: 'live' | 'starting' | 'slow' | 'silent';
  /** The shown content as comparable text. */
  shows: string;
}

/** A kind of screen: how to read it, and what it must show. */
export interface Kind {
  name: 'phone' | 'tablet' | 'board';
  topic: string;
  /** Runs in the page. */
  read: () => Seen;
  /** The expected content for a state of the topic. */
  of: (state: State) => string;
}

export const BOARD: Kind = {
  name: 'board',
  topic: 'board',
  read: () => {
    const numbers = (...lists: string[]) => {
      const found = lists.flatMap((list) => [...document.querySelectorAll(`#${list} .number`)]);
      return found.map((each) => Number(each.textContent)).sort((a, b) => a - b);
    };
    const line = document.documentElement.dataset['line'] as 'live';
    return { line, shows: `ready ${numbers('ready', 'left')}, preparing ${numbers('preparing')}` };
  },
  of: (state) => {
    const of = (column: string) => {
      const entries = state.of === 'board' ? state.is.filter((each) => each.column === column) : [];
      return entries.map((each) => each.number).sort((a, b) => a - b);
    };
    return `ready ${of('ready')}, preparing ${of('preparing')}`;
  },
};

export const TABLET: Kind = {
  name: 'tablet',
  topic: 'queue',
  read: () => {
    const lanes = ['up-next', 'making', 'ready', 'ended'].map((lane) => {
      const numbers = [...document.querySelectorAll(`.lane.${lane} .card .number`)];
      return `${lane} ${numbers.map((each) => Number(each.textContent)).sort((a, b) => a - b)}`;
    });
    const line = document.querySelector<HTMLElement>('.live-dot')!.dataset['line'] as 'live';
    return { line, shows: lanes.join(', ') };
  },
  of: (state) => {
    const lanes: Record<string, string[]> = {
      'up-next': ['upNext'],
      making: ['making'],
      ready: ['finishing', 'handOver'],
      ended: ['ended'],
    };
    const tickets = state.of === 'queue' ? state.is : [];
    const shown = Object.entries(lanes).map(([lane, names]) => {
      const there = tickets.filter((ticket) => names.includes(ticket.lane.lane));
      return `${lane} ${there.map((ticket) => ticket.number).sort((a, b) => a - b)}`;
    });
    return shown.join(', ');
  },
};

export const phone = (order: string): Kind => ({
  name: 'phone',
  topic: `order/${order}`,
  read: () => {
    const banner = document.querySelector<HTMLElement>('.line-banner')!;
    const text = banner.querySelector('p:not(.visually-hidden)')?.textContent ?? '';
    const line = banner.dataset['line'] as 'live';
    // The visible notice must match: none while the page is live or connecting.
    const reads = text.startsWith('Not live') ? 'silent' : text.startsWith('Slower') ? 'slow' : '';
    if (reads !== (line === 'live' || line === 'starting' ? '' : line)) {
      throw new Error(`a phone that is ${line} shows: ${text}`);
    }
    const stage = document.querySelector<HTMLElement>('.status')!.dataset['stage'];
    return { line, shows: `${stage} ${document.querySelector('.headline .number')?.textContent}` };
  },
  of: (state) => (state.of === 'order' ? `${state.is.stage.stage} ${state.is.number}` : ''),
});

type Watched = Window & { seen: Seen[] };

/** A screen behind a network proxy, with a clock that the test advances and a record of everything it has shown. */
export class Screen {
  /** Index of the latest auditor state that this screen has shown. */
  private at = 0;
  /** Number of messages on the proxy that were checked. */
  private checkedMessages = 0;
  private readonly unchecked: Seen[] = [];
  /** Number of different contents that it has shown. */
  checked = 0;
  private readonly sentPositions = new Map<string, number>();

  private constructor(
    readonly kind: Kind,
    readonly page: Page,
    readonly proxy: NetworkProxy,
  ) {}

  /** Opens a URL through the proxy and stops the clock of the page once it is live. */
  static async open(kind: Kind, page: Page, proxy: NetworkProxy, path: string): Promise<Screen> {
    await page.clock.install();
    await page.goto(proxy.url(path));
    const screen = new Screen(kind, page, proxy);
    await page.waitForFunction(isRunning);
    await page.clock.pauseAt(Date.now() + 1_000);
    await screen.watch();
    return screen;
  }

  /** Advances the clock of the page with all timers. */
  async advance(seconds: number): Promise<void> {
    await this.page.clock.runFor(seconds * 1_000);
  }

  async seen(): Promise<Seen> {
    return this.page.evaluate(this.kind.read);
  }

  /** Records the content of the page after each event. */
  private async watch(): Promise<void> {
    await this.page.evaluate(`(() => {
      const read = ${this.kind.read.toString()};
      const seen = [];
      let last = '';
      const channel = new MessageChannel();
      let asked = false;
      // After the current task, when the page is rendered.
      channel.port1.onmessage = () => {
        asked = false;
        const now = read();
        if (JSON.stringify(now) !== last) {
          last = JSON.stringify(now);
          seen.push(now);
        }
      };
      new MutationObserver(() => {
        if (!asked) {
          asked = true;
          channel.port2.postMessage(0);
        }
      }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      window.seen = seen;
    })()`);
  }

  /**
   * Checks everything since the last call. Each shown content must be a state of the server and not older than the one
   * before. Each position that the page has sent must be one that the server has reached, and must not decrease. Returns the
   * first fault. The auditor may not have received that state yet.
   */
  async check(auditor: Auditor): Promise<string | undefined> {
    const moments = auditor.moments(this.kind.topic);
    this.unchecked.push(...(await this.page.evaluate(() => (window as unknown as Watched).seen.splice(0))));
    for (let seen = this.unchecked[0]; seen; seen = this.unchecked[0]) {
      const { line, shows } = seen;
      const found = moments.findIndex((moment, at) => at >= this.at && this.kind.of(moment.state) === shows);
      if (found < 0) {
        const was = moments.slice(0, this.at).some((moment) => this.kind.of(moment.state) === shows);
        return `the ${this.kind.name} (${line}) shows ${was ? 'an earlier state' : 'a state that the server never had'}: ${shows}`;
      }
      this.at = found;
      this.checked += 1;
      this.unchecked.shift();
    }
    for (let message = this.proxy.messages[this.checkedMessages]; message; message = this.proxy.messages[this.checkedMessages]) {
      const wrong = message.from === 'browser' ? this.checkPositions(message.text, auditor) : undefined;
      if (wrong) {
        return wrong;
      }
      this.checkedMessages += 1;
    }
    return undefined;
  }

  private checkPositions(text: string, auditor: Auditor): string | undefined {
    const hello = JSON.parse(text) as { subscriptions: { topic: string; resume?: Pick<Moment, 'epoch' | 'seq'> }[] };
    for (const { topic, resume } of hello.subscriptions) {
      const moments = auditor.moments(topic);
      // The page may have been rendered with a state before the auditor's first one.
      if (!resume || moments.every(({ epoch, seq }) => epoch === resume.epoch && seq > resume.seq)) {
        continue;
      }
      const at = moments.findIndex(({ epoch, seq }) => epoch === resume.epoch && seq === resume.seq);
      const before = this.sentPositions.get(topic) ?? 0;
      if (at < before) {
        return `the ${this.kind.name} sends position ${topic} ${resume.epoch} ${resume.seq}, at ${at} after ${before}`;
      }
      this.sentPositions.set(topic, at);
    }
    return undefined;
  }

  /** Whether it shows the present state of the server. */
  async isUpToDate(auditor: Auditor): Promise<boolean> {
    const now = auditor.now(this.kind.topic);
    return now !== undefined && (await this.seen()).shows === this.kind.of(now.state);
  }
}

/** Whether the script of the page runs: the display sets a class, other pages show controls that need a script. */
function isRunning(): boolean {
  const { line } = document.documentElement.dataset;
  if (document.body.classList.contains('wall')) {
    return line === 'live';
  }
  const dot = document.querySelector<HTMLElement>('.live-dot');
  return dot ? dot.dataset['line'] === 'live' : document.querySelector('.tell button') !== null;
}

/** The `Cookie` header with the cookies of several browsers. The last one of a name counts. */
export async function cookies(...contexts: BrowserContext[]): Promise<string> {
  const each = await Promise.all(contexts.map((context) => context.cookies()));
  const all = new Map(each.flat().map(({ name, value }) => [name, value]));
  return [...all].map(([name, value]) => `${name}=${value}`).join('; ');
}
