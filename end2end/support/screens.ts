import type { BrowserContext, Page } from '@playwright/test';

import type { Auditor, Moment, State } from './auditor.ts';
import type { Wire } from './wire.ts';

/** What a screen says of itself at one moment, read from what is drawn. */
export interface Seen {
  /** As in `data-line`. */
  line: 'live' | 'starting' | 'slow' | 'silent';
  /** What it shows, as text that can be compared. */
  shows: string;
}

/** A kind of screen: how it is read, and what it must show. */
export interface Kind {
  name: 'phone' | 'tablet' | 'board';
  topic: string;
  /** Runs in the page. */
  read: () => Seen;
  /** What it must show while the topic is in that state. */
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
    const said = banner.querySelector('p:not(.visually-hidden)')?.textContent ?? '';
    const line = banner.dataset['line'] as 'live';
    // What a guest reads must be the same: nothing while the page is live or connects.
    const reads = said.startsWith('Not live') ? 'silent' : said.startsWith('Slower') ? 'slow' : '';
    if (reads !== (line === 'live' || line === 'starting' ? '' : line)) {
      throw new Error(`a phone that is ${line} says: ${said}`);
    }
    const stage = document.querySelector<HTMLElement>('.status')!.dataset['stage'];
    return { line, shows: `${stage} ${document.querySelector('.headline .number')?.textContent}` };
  },
  of: (state) => (state.of === 'order' ? `${state.is.stage.stage} ${state.is.number}` : ''),
});

type Watched = Window & { seen: Seen[] };

/** A screen behind its wire, with a clock that the test turns, and everything that it has ever shown. */
export class Screen {
  /** How much of what the auditor knows this screen has been past. */
  private at = 0;
  /** How much of what has been said on the wire has been judged. */
  private heard = 0;
  private readonly unjudged: Seen[] = [];
  /** How many different things it has shown. */
  judged = 0;
  private readonly claimed = new Map<string, number>();

  private constructor(
    readonly kind: Kind,
    readonly page: Page,
    readonly wire: Wire,
  ) {}

  /** Opens an address behind the wire, and stops the clock of the page once it is live. */
  static async open(kind: Kind, page: Page, wire: Wire, path: string): Promise<Screen> {
    await page.clock.install();
    await page.goto(wire.url(path));
    const screen = new Screen(kind, page, wire);
    await page.waitForFunction(isAlive);
    await page.clock.pauseAt(Date.now() + 1_000);
    await screen.watch();
    return screen;
  }

  /** Turns the clock of the page, and every timer with it. */
  async turn(seconds: number): Promise<void> {
    await this.page.clock.runFor(seconds * 1_000);
  }

  async seen(): Promise<Seen> {
    return this.page.evaluate(this.kind.read);
  }

  /** Notes whatever the page shows after each thing that happens in it. */
  private async watch(): Promise<void> {
    await this.page.evaluate(`(() => {
      const read = ${this.kind.read.toString()};
      const seen = [];
      let last = '';
      const channel = new MessageChannel();
      let asked = false;
      // After the page has finished what it is at: what is drawn is what it shows then.
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
   * Judges what has happened since the last time. Each thing shown must be a state that the server has had, none older
   * than the one before; each position that the page has named must be one that the server has reached, and never go
   * back. Returns the first thing that is wrong; the auditor may only not have heard of it yet.
   */
  async judge(auditor: Auditor): Promise<string | undefined> {
    const moments = auditor.moments(this.kind.topic);
    this.unjudged.push(...(await this.page.evaluate(() => (window as unknown as Watched).seen.splice(0))));
    for (let seen = this.unjudged[0]; seen; seen = this.unjudged[0]) {
      const { line, shows } = seen;
      const found = moments.findIndex((moment, at) => at >= this.at && this.kind.of(moment.state) === shows);
      if (found < 0) {
        const was = moments.slice(0, this.at).some((moment) => this.kind.of(moment.state) === shows);
        return `the ${this.kind.name} (${line}) shows ${was ? 'what was before' : 'what never was'}: ${shows}`;
      }
      this.at = found;
      this.judged += 1;
      this.unjudged.shift();
    }
    for (let said = this.wire.said[this.heard]; said; said = this.wire.said[this.heard]) {
      const wrong = said.from === 'browser' ? this.claims(said.text, auditor) : undefined;
      if (wrong) {
        return wrong;
      }
      this.heard += 1;
    }
    return undefined;
  }

  private claims(text: string, auditor: Auditor): string | undefined {
    const hello = JSON.parse(text) as { subscriptions: { topic: string; resume?: Pick<Moment, 'epoch' | 'seq'> }[] };
    for (const { topic, resume } of hello.subscriptions) {
      const moments = auditor.moments(topic);
      // What the page was made with may be older than what the auditor has seen.
      if (!resume || moments.every(({ epoch, seq }) => epoch === resume.epoch && seq > resume.seq)) {
        continue;
      }
      const at = moments.findIndex(({ epoch, seq }) => epoch === resume.epoch && seq === resume.seq);
      const before = this.claimed.get(topic) ?? 0;
      if (at < before) {
        return `the ${this.kind.name} claims ${topic} ${resume.epoch} ${resume.seq}, at ${at} after ${before}`;
      }
      this.claimed.set(topic, at);
    }
    return undefined;
  }

  /** Whether it shows what the server has now. */
  async isTrue(auditor: Auditor): Promise<boolean> {
    const now = auditor.now(this.kind.topic);
    return now !== undefined && (await this.seen()).shows === this.kind.of(now.state);
  }
}

/** True once a page has come to life: a board says so, the others offer what only a script can. */
function isAlive(): boolean {
  const { line } = document.documentElement.dataset;
  if (document.body.classList.contains('wall')) {
    return line === 'live';
  }
  const dot = document.querySelector<HTMLElement>('.live-dot');
  return dot ? dot.dataset['line'] === 'live' : document.querySelector('.tell button') !== null;
}

/** The cookies of some browsers, as one request sends them all; of two with one name the later. */
export async function cookies(...contexts: BrowserContext[]): Promise<string> {
  const each = await Promise.all(contexts.map((context) => context.cookies()));
  const all = new Map(each.flat().map(({ name, value }) => [name, value]));
  return [...all].map(([name, value]) => `${name}=${value}`).join('; ');
}
