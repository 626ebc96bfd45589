import { Auditor, type State } from './auditor.ts';

/** A guest without a browser: it sends the commands of the pages and subscribes like them. */
export class GuestApi {
  order: string | undefined;
  private auditor: Auditor | undefined;

  private constructor(
    private readonly site: string,
    private readonly cookie: string,
  ) {}

  /** Opens the menu and subscribes to the shop. */
  static async at(site: string): Promise<GuestApi> {
    const menu = await fetch(site);
    await menu.text();
    const cookies = menu.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    const guest = new GuestApi(site, cookies.join('; '));
    guest.auditor = await Auditor.of(site, guest.cookie, ['shop']);
    return guest;
  }

  /** Orders a drink and subscribes to the order. With `twice` the commands are sent again, as after a lost response. */
  async orders(drink: string, twice: boolean): Promise<void> {
    const form = { key: crypto.randomUUID(), drink };
    const answers = await Promise.all(Array.from({ length: twice ? 2 : 1 }, () => this.post('submit_order', form)));
    for (const answer of answers) {
      if (answer.status !== 200) {
        throw new Error(`an order was answered with ${answer.status}: ${await answer.text()}`);
      }
      this.order = ((await answer.json()) as { id: string }).id;
    }
    await this.auditor!.read(this.site, ['shop', `order/${this.order}`]);
  }

  async send(command: 'cancel_order' | 'collect_order'): Promise<number> {
    return (await this.post(command, { order: this.order! })).status;
  }

  /** The last known stage of the order. */
  get stage(): Extract<State, { of: 'order' }>['is']['stage'] | undefined {
    const state = this.order ? this.auditor!.now(`order/${this.order}`)?.state : undefined;
    return state?.of === 'order' ? state.is.stage : undefined;
  }

  close(): void {
    this.auditor?.close();
  }

  private post(command: string, form: Record<string, string>): Promise<Response> {
    return fetch(new URL(`/api/${command}`, this.site), {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { accept: 'application/json', cookie: this.cookie },
    });
  }
}
