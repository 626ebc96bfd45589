import { Auditor } from '../support/auditor.ts';
import { Random } from '../support/random.ts';
import { BOARD, Screen, TABLET, cookies, phone } from '../support/audited-screen.ts';
import { type TestBar, expect, test } from '../support/test.ts';
import { type Failure, NetworkProxy } from '../support/network-proxy.ts';

// A trace would store the page for each of many thousand steps. The seed is enough to repeat a run.
test.use({ trace: 'off' });

/** The number of failures and the random seed: `FAILURES=100 SEED=7 cargo xtask test browser …`. */
const FAILURES = Number(process.env.FAILURES ?? 12);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Seconds without a frame after which a page says that it is not live: 15 and one tick. */
const SILENCE = 16;
/** Seconds after the repair of the network within which a screen shows the present state. */
const UP_TO_DATE_SECONDS = 3;
/** The longest reconnect delay plus a handshake, and the longest delay of `bye`. */
const LIVE_SECONDS = 25;

const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

/** Waits for work that needs real time but no time of the page's clock. */
async function waitUntil(limit: number, condition: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) {
      return false;
    }
    await sleep(10);
  }
  return true;
}

/** Random actions of guests and baristas that bypass the proxies. The screens must show their results. */
class RandomActions {
  private walkIns = 0;

  private constructor(
    private readonly bar: TestBar,
    private readonly random: Random,
    private readonly order: string,
    private readonly post: (command: string, form: Record<string, string>) => Promise<number>,
  ) {}

  static async of(bar: TestBar, random: Random, order: string, cookie: string): Promise<RandomActions> {
    return new RandomActions(bar, random, order, async (command, form) => {
      const answer = await fetch(bar.server.url(`/api/${command}`), {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { accept: 'application/json', cookie },
      });
      return answer.status;
    });
  }

  /** Performs a random action that changes a screen. Actions that are not allowed are refused. */
  async act(auditor: Auditor): Promise<void> {
    const queue = auditor.now('queue')?.state;
    const open = queue?.of === 'queue' ? queue.is.filter(({ lane }) => lane.lane !== 'ended') : [];
    // The guest's order is recalled again and again, so that it exists until the end.
    const others = open.filter(({ id }) => id !== this.order);
    const mine = open.find(({ id }) => id === this.order);
    if (mine && this.random.chance(0.5)) {
      await this.move(mine.id, mine.lane.lane, true);
    } else if (others.length > 0 && (others.length >= 5 || this.random.chance(0.6))) {
      const other = this.random.one(others);
      await this.move(other.id, other.lane.lane, false);
    } else {
      this.walkIns += 1;
      await this.send('walk_in_order', { key: `walk-in-${this.walkIns}`, drink: 'Espresso' });
    }
  }

  private async move(order: string, lane: string, forEver: boolean): Promise<void> {
    switch (lane) {
      case 'upNext':
        await this.send('claim_order', { order });
        break;
      case 'making':
        await this.send(this.random.chance(0.5) ? 'complete_order' : 'release_order', { order });
        break;
      case 'finishing':
        await this.bar.server.advance(4);
        break;
      case 'handOver':
        await this.send(forEver ? 'recall_order' : 'hand_over_order', { order });
        break;
    }
  }

  private async send(command: string, form: Record<string, string>): Promise<void> {
    const status = await this.post(command, form);
    if (status !== 200 && status !== 409) {
      throw new Error(`${command} was answered with ${status}`);
    }
  }
}

test(`after each of ${FAILURES} network failures a phone, a tablet and a display are up to date within three seconds, and none shows a wrong state`, async ({
  bar,
}) => {
  test.setTimeout(60_000 + FAILURES * 15_000);
  bar.expects(/ERR_|WebSocket|Failed to load|net::/);
  const random = new Random(SEED);
  const proxies = await Promise.all([0, 1, 2].map((at) => NetworkProxy.to(() => bar.server.addresses.site, new Random(SEED + at))));
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const tablet = await bar.tablet('Ana');
  const display = await bar.page(bar.variant.display);
  const guest = phone(order);
  const screens = [
    await Screen.open(guest, ada.page, proxies[0]!, `/orders/${order}`),
    await Screen.open(TABLET, tablet.page, proxies[1]!, '/barista'),
    await Screen.open(BOARD, display, proxies[2]!, '/display'),
  ];
  const topics = ['board', 'shop', 'queue', guest.topic];
  const cookie = await cookies(tablet.page.context(), ada.page.context());
  const auditor = await Auditor.of(bar.server.addresses.site, cookie, topics);
  const actions = await RandomActions.of(bar, random, order, cookie);

  const steps: string[] = [];
  const all = <T>(each: (screen: Screen) => Promise<T>) => Promise.all(screens.map(each));
  const describe = async (what: string) =>
    `seed ${SEED}, ${what}\n${steps.slice(-4).join('\n')}\n${JSON.stringify(await all((screen) => screen.seen()))}\n` +
    topics.map((topic) => JSON.stringify(auditor.now(topic))).join('\n') +
    screens.map(({ kind, proxy }) => `\n${kind.name}:\n${proxy.messages.slice(-12).map(({ from, text }) => `${from}: ${text}`).join('\n')}`).join('');
  const areUpToDate = async () => (await all((screen) => screen.isUpToDate(auditor))).every(Boolean);
  const check = async (when: string) => {
    let wrong: (string | undefined)[] = [];
    // The auditor may receive a change shortly after a screen has shown it.
    await waitUntil(2_000, async () => {
      wrong = (await all((screen) => screen.check(auditor))).filter(Boolean);
      return wrong.length === 0;
    });
    expect(wrong, await describe(when)).toEqual([]);
  };

  try {
    for (let cut = 1; cut <= FAILURES; cut += 1) {
      // While the network works, frames arrive late, twice and out of order.
      proxies.forEach((proxy) => (proxy.faults = { delay: random.between(0, 40), repeat: 0.3, swap: 0.2 }));
      for (let act = random.between(1, 3); act > 0; act -= 1) {
        await actions.act(auditor);
      }
      expect(await waitUntil(5_000, areUpToDate), await describe(`before cut ${cut} a change does not arrive`)).toBe(true);
      await check(`before cut ${cut}`);

      const seconds = random.between(1, 120);
      const kinds = screens.map(() => {
        // A half-open connection is detected after fifteen seconds and not before.
        const possible: Failure[] = seconds >= SILENCE ? ['reset', 'dropped', 'delayed', 'half-open'] : ['reset', 'dropped', 'delayed'];
        return random.one(possible);
      });
      const restart = random.chance(0.15) ? random.one(['SIGTERM', 'SIGKILL'] as const) : undefined;
      steps.push(`cut ${cut}: ${seconds} s, ${kinds}${restart ? `, ${restart}` : ''}`);
      proxies.forEach((proxy, at) => proxy.break(kinds[at]!));
      if (restart) {
        auditor.close();
        await bar.server.restart(restart);
        await auditor.read(bar.server.addresses.site, topics);
      }
      const acts = Array.from({ length: random.between(0, 4) }, () => random.between(0, seconds));
      for (let passed = 0; passed < seconds; ) {
        const step = passed < 20 ? 1 : Math.min(4, seconds - passed);
        await all((screen) => screen.advance(step));
        passed += step;
        for (const _ of acts.filter((at) => at > passed - step && at <= passed)) {
          await actions.act(auditor);
        }
      }
      await check(`during cut ${cut}`);
      const lines = (await all((screen) => screen.seen())).map(({ line }) => line);
      if (seconds > SILENCE + 1) {
        expect(lines, await describe(`at the end of cut ${cut}`)).toEqual(['silent', 'silent', 'silent']);
      }

      proxies.forEach((proxy) => proxy.repair());
      let isUpToDate = false;
      for (let passed = 1; passed <= UP_TO_DATE_SECONDS && !isUpToDate; passed += 1) {
        await all((screen) => screen.advance(1));
        // Data in transit needs real time but no time of the page's clock.
        isUpToDate = await waitUntil(passed < UP_TO_DATE_SECONDS ? 250 : 4_000, areUpToDate);
      }
      expect(isUpToDate, await describe(`after cut ${cut} a screen is not up to date`)).toBe(true);
      await check(`after cut ${cut}`);

      const areLive = async () => (await all((screen) => screen.seen())).every(({ line }) => line === 'live');
      let isLive = await areLive();
      for (let passed = 0; passed < LIVE_SECONDS && !isLive; passed += 1) {
        await all((screen) => screen.advance(1));
        isLive = await waitUntil(150, areLive);
      }
      expect(isLive, await describe(`after cut ${cut} a screen is not live`)).toBe(true);
    }
  } finally {
    auditor.close();
    await Promise.all(proxies.map((proxy) => proxy.close()));
  }
  const checked = screens.map(({ kind, checked }) => `${checked} of the ${kind.name}`);
  console.log(`${FAILURES} failures, seed ${SEED}: checked contents, ${checked.join(', ')}`);
});
