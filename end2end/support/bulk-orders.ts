import type { Tablet } from './tablet.ts';

/** Places and processes many orders with the commands of the bar, without a browser for each guest. */
export class BulkOrders {
  constructor(readonly tablet: Tablet) {}

  /** Places walk-in orders. Returns their numbers. */
  async place(count: number): Promise<string[]> {
    const before = new Set(await this.numbers());
    for (let each = 0; each < count; each += 1) {
      await this.command('walk_in_order', { key: crypto.randomUUID(), drink: 'Espresso' });
    }
    for (;;) {
      const placed = (await this.numbers()).filter((number) => !before.has(number));
      if (placed.length === count) {
        return placed.sort((a, b) => Number(a) - Number(b));
      }
    }
  }

  /** Marks orders ready. Guests are told after the undo window. */
  async finish(numbers: string[]): Promise<void> {
    for (const number of numbers) {
      await this.command('complete_order', { order: await this.id(number) });
    }
    await this.tablet.server.advance(4);
  }

  /** Hands over orders. */
  async collect(numbers: string[]): Promise<void> {
    for (const number of numbers) {
      await this.command('hand_over_order', { order: await this.id(number) });
    }
  }

  /** Opens, pauses or closes the bar. */
  async set(state: 'open' | 'paused' | 'closed', reason = '', minutes = 0): Promise<void> {
    await this.command('set_shop_state', { state, reason, minutes: String(minutes) });
  }

  private async command(name: string, fields: Record<string, string>): Promise<void> {
    const answer = await this.tablet.post(name, fields);
    if (!answer.ok()) {
      throw new Error(`${name} ${JSON.stringify(fields)}: ${answer.status()} ${await answer.text()}`);
    }
  }

  private async numbers(): Promise<string[]> {
    const orders = await this.tablet.server.orders();
    return orders.flatMap((order) => order['orderNumber']?.S ?? []);
  }

  private async id(number: string): Promise<string> {
    const order = (await this.tablet.server.orders()).find((each) => each['orderNumber']?.S === number);
    const id = order?.['SK']?.S;
    if (!id) {
      throw new Error(`there is no order ${number}`);
    }
    return id;
  }
}
