import { expect } from '@playwright/test';

import type { Bar } from './test.ts';

/** A barista whose tablet is not what a test is about: it is told by the commands that its taps would send. */
export class Crew {
  private constructor(
    private readonly bar: Bar,
    private readonly post: (path: string, form: Record<string, string>) => Promise<number>,
  ) {}

  /** Opens the staff link. */
  static async of(bar: Bar, name = 'Ana'): Promise<Crew> {
    const page = await bar.page();
    const { request } = page.context();
    await request.post(bar.server.addresses.staff, { form: { name } });
    return new Crew(bar, async (path, form) => {
      const answer = await request.post(bar.server.url(path), { form, headers: { accept: 'application/json' } });
      return answer.status();
    });
  }

  /** Gives a command that must work. */
  async does(command: string, form: Record<string, string>): Promise<void> {
    const status = await this.post(`/api/${command}`, form);
    if (status !== 200) {
      throw new Error(`${command} was answered with ${status}`);
    }
  }

  async claim(order: string): Promise<void> {
    await this.does('claim_order', { order });
  }

  /** Puts a drink on the counter: the time to take that back has passed when this returns, and the workflow knows. */
  async serve(order: string): Promise<void> {
    await this.does('complete_order', { order });
    await this.bar.server.advance(4);
    // Else a test that turns the clock on would make the drink ready at the later time.
    const record = async () => (await this.bar.server.orders()).find((each) => each['SK']?.S === order);
    await expect.poll(async () => (await record())?.['readyAt']?.N, { intervals: [20, 50, 100] }).toBeDefined();
  }

  /** A drink from claimed to the counter, in so many seconds. */
  async make(order: string, seconds: number): Promise<void> {
    await this.claim(order);
    await this.bar.server.advance(seconds);
    await this.serve(order);
  }
}
