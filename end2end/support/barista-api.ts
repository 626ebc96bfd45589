import { expect } from '@playwright/test';

import type { TestBar } from './test.ts';

/** A barista without a browser. It sends the commands of the tablet. */
export class BaristaApi {
  private constructor(
    private readonly bar: TestBar,
    private readonly post: (path: string, form: Record<string, string>) => Promise<number>,
  ) {}

  /** Opens the staff link. */
  static async of(bar: TestBar, name = 'Ana'): Promise<BaristaApi> {
    const page = await bar.page();
    const { request } = page.context();
    await request.post(bar.server.addresses.staff, { form: { name } });
    return new BaristaApi(bar, async (path, form) => {
      const answer = await request.post(bar.server.url(path), { form, headers: { accept: 'application/json' } });
      return answer.status();
    });
  }

  /** Sends a command that must succeed. */
  async send(command: string, form: Record<string, string>): Promise<void> {
    const status = await this.post(`/api/${command}`, form);
    if (status !== 200) {
      throw new Error(`${command} was answered with ${status}`);
    }
  }

  async claim(order: string): Promise<void> {
    await this.send('claim_order', { order });
  }

  /** Completes an order. When this returns, the undo window is over and the workflow has ended. */
  async serve(order: string): Promise<void> {
    await this.send('complete_order', { order });
    await this.bar.server.advance(4);
    // Otherwise a test that advances the clock would complete the order at the later time.
    const record = async () => (await this.bar.server.orders()).find((each) => each['SK']?.S === order);
    await expect.poll(async () => (await record())?.['readyAt']?.N, { intervals: [20, 50, 100] }).toBeDefined();
  }

  /** Claims an order and completes it after `seconds`. */
  async make(order: string, seconds: number): Promise<void> {
    await this.claim(order);
    await this.bar.server.advance(seconds);
    await this.serve(order);
  }
}
