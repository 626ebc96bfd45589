import { Auditor, type Ticket } from '../support/auditor.ts';
import { GuestApi } from '../support/guest-api.ts';
import { Random } from '../support/random.ts';
import { BOARD, type Kind, TABLET, cookies } from '../support/audited-screen.ts';
import type { Tablet } from '../support/tablet.ts';
import { expect, test } from '../support/test.ts';

// A trace would store the page for each of many thousand steps. The seed is enough to repeat a run.
test.use({ trace: 'off' });

/** Number of orders: `ORDERS=60 cargo xtask test browser …`. Additional phones only watch. */
const ORDERS = Number(process.env.ORDERS ?? 200);
const PHONES = ORDERS * 1.5;
/** Seconds of the server's clock between two orders: 200 orders in ten minutes. */
const STEP = 3;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** The state in the table for each outcome on the phone. */
const ENDS: Record<string, string> = { collected: 'COLLECTED', cancelledByYou: 'CANCELLED', cancelledByBar: 'CANCELLED' };

test(`${ORDERS} orders with ${PHONES} phones, three tablets and two displays: nothing is lost or duplicated, and all screens agree`, async ({ bar }) => {
  test.setTimeout(60_000 + ORDERS * 4_000);
  const random = new Random(SEED);
  const { server } = bar;
  await server.settings('SET maxOrdersInQueue = :many', { ':many': { N: '500' } });
  const tablets: Tablet[] = [];
  for (const name of ['Ana', 'Ben', 'Cleo']) {
    tablets.push(await bar.tablet(name));
  }
  const displays = [await bar.display(), await bar.display()];
  const auditor = await Auditor.of(server.addresses.site, await cookies(tablets[0]!.page.context()), ['board', 'shop', 'queue']);
  const guests: GuestApi[] = [];
  while (guests.length < PHONES) {
    const next = Math.min(20, PHONES - guests.length);
    guests.push(...(await Promise.all(Array.from({ length: next }, () => GuestApi.at(server.addresses.site)))));
  }

  const tickets = (lane: string): Ticket[] => {
    const queue = auditor.now('queue')!.state;
    return queue.of === 'queue' ? queue.is.filter((ticket) => ticket.lane.lane === lane) : [];
  };
  const hasMany = () => tickets('handOver').length > 6 || tickets('upNext').length + tickets('making').length > 8;
  const expectEqual = async (when: string) => {
    const screens: [Kind, { evaluate: (read: Kind['read']) => ReturnType<typeof tablets[0]['page']['evaluate']> }][] = [
      ...tablets.map(({ page }) => [TABLET, page] as [Kind, typeof page]),
      // A display with several pages shows them in turn and is not checked here.
      ...(hasMany() ? [] : displays.map(({ page }) => [BOARD, page] as [Kind, typeof page])),
    ];
    for (const [kind, page] of screens) {
      await expect(async () => {
        const { shows } = (await page.evaluate(kind.read)) as { shows: string };
        expect(shows, `seed ${SEED}, ${when}: a ${kind.name}`).toBe(kind.of(auditor.now(kind.topic)!.state));
      }).toPass();
    }
  };

  // Each barista makes one drink after the other. Sometimes two claim the same order.
  const made: (string | undefined)[] = tablets.map(() => undefined);
  const work = async (tablet: Tablet, at: number) => {
    const mine = made[at];
    if (mine) {
      made[at] = undefined;
      const answer = await tablet.post('complete_order', { order: mine });
      expect([200, 409], `complete_order: ${answer.status()}`).toContain(answer.status());
      return;
    }
    const next = tickets('upNext')[random.chance(0.8) ? at : 0] ?? tickets('upNext')[0];
    if (next && random.chance(0.03)) {
      await tablet.post('cancel_at_bar', { order: next.id, reason: 'machine_down' });
    } else if (next && (await tablet.post('claim_order', { order: next.id })).status() === 200) {
      made[at] = next.id;
    }
  };
  const customers = guests.slice(0, ORDERS);
  const cancelOrCollect = async (guest: GuestApi) => {
    if (guest.stage?.stage === 'waiting' && random.chance(0.02)) {
      await guest.send('cancel_order');
    } else if (guest.stage?.stage === 'ready' && random.chance(0.5)) {
      expect(await guest.send('collect_order')).toBe(200);
    }
  };
  const isOver = (guest: GuestApi) => guest.stage?.stage === 'ended';
  const step = async () => {
    await Promise.all([...tablets.map(work), ...customers.filter((guest) => guest.order && !isOver(guest)).map(cancelOrCollect)]);
    await server.advance(STEP);
  };

  for (const [at, guest] of customers.entries()) {
    await Promise.all([guest.orders(random.one(['Espresso', 'Latte', 'Flat White']), random.chance(0.1)), step()]);
    if (at % 20 === 19) {
      await expectEqual(`after ${at + 1} orders`);
    }
  }
  for (let late = 0; late < ORDERS && !customers.every(isOver); late += 1) {
    await step();
  }
  await expect.poll(() => customers.filter((guest) => !isOver(guest)).length, `seed ${SEED}: orders without an end`).toBe(0);
  await expectEqual('at the end');

  // The table has every order once, each with a unique number and the outcome that its phone showed.
  const orders = await server.orders();
  expect(orders).toHaveLength(ORDERS);
  const table = Object.fromEntries(orders.map((order) => [order['SK']!.S, order['ORDERSTATE']!.S]));
  const outcomes = Object.fromEntries(customers.map((guest) => [guest.order, ENDS[guest.stage!.outcome!.outcome]]));
  expect(table).toEqual(outcomes);
  const numbers = orders.flatMap((order) => order['orderNumber']?.S ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
  const collected = Object.values(outcomes).filter((end) => end === 'COLLECTED').length;
  expect(collected).toBeGreaterThan(ORDERS / 2);
  console.log(`seed ${SEED}: ${collected} collected, ${ORDERS - collected} cancelled`);
  guests.forEach((guest) => guest.close());
  auditor.close();
});
