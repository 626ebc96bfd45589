import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

import { type Frame, Frames } from './frames.ts';
import type { Random } from './random.ts';

/** How a wire is broken. */
export type Cut =
  /** Connections are reset, and new ones are refused. */
  | 'torn'
  /** Everything stays open, and nothing comes through; mended, what was under way is reset, as by a router's new start. */
  | 'swallowed'
  /** The same; mended, all of it comes through late. */
  | 'held'
  /** The same, and what was open then stays dead for ever; only new connections work. */
  | 'forgotten';

/** What goes wrong on a wire that is whole. */
export interface Faults {
  /** The longest time that something is under way, in milliseconds of the machine. */
  delay: number;
  /** How often a frame of the server comes once more, later. */
  repeat: number;
  /** How often a frame of the server is overtaken by the next. */
  swap: number;
}

const NO_FAULTS: Faults = { delay: 0, repeat: 0, swap: 0 };

/** What stands between one browser and the server. The browser's address stays when the server's changes. */
export class Wire {
  /** Whether websockets are let through. */
  sockets = true;
  faults = NO_FAULTS;
  /** Everything that the browser has said and that has been delivered to it, in order. */
  readonly said: { from: 'browser' | 'server'; text: string }[] = [];

  private cut: Cut | undefined;
  private readonly links = new Set<Link>();
  private readonly dead = new Set<Link>();

  private constructor(
    private readonly listener: Server,
    private readonly site: () => string,
    readonly random: Random,
  ) {}

  /** A whole wire to the server that is at that address now. */
  static async to(site: () => string, random: Random): Promise<Wire> {
    const listener = createServer({ noDelay: true });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const wire = new Wire(listener, site, random);
    listener.on('connection', (browser) => wire.accept(browser));
    return wire;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}${path}`;
  }

  break(cut: Cut): void {
    this.cut = cut;
    for (const link of this.links) {
      if (cut === 'torn') {
        link.reset();
      } else {
        link.hold();
      }
    }
  }

  mend(): void {
    const { cut } = this;
    this.cut = undefined;
    for (const link of [...this.links]) {
      if (cut === 'held') {
        link.release();
      } else if (cut === 'swallowed') {
        link.reset();
      } else {
        // What was forgotten stays as it is, and nobody hears of it again.
        this.links.delete(link);
        this.dead.add(link);
      }
    }
  }

  async close(): Promise<void> {
    [...this.links, ...this.dead].forEach((link) => link.reset());
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private accept(browser: Socket): void {
    if (this.cut === 'torn') {
      browser.on('error', () => {});
      browser.resetAndDestroy();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: Number(new URL(this.site()).port), noDelay: true });
    const link: Link = new Link(this, browser, server, () => this.links.delete(link));
    this.links.add(link);
    if (this.cut) {
      link.hold();
    }
  }
}

type Delivery = () => void;

/** One connection. */
class Link {
  private held: Delivery[] | undefined;
  /** A websocket: its frames in each direction, once the handshake is over. */
  private live: { up: Frames; down: Frames } | undefined;
  private begun = false;
  private shaken = false;
  private readonly past: Buffer[] = [];
  private overtaken: Buffer | undefined;
  private upAt = 0;
  private downAt = 0;

  constructor(
    private readonly wire: Wire,
    private readonly browser: Socket,
    private readonly server: Socket,
    private readonly gone: () => void,
  ) {
    browser.on('error', () => {});
    server.on('error', () => {});
    browser.on('data', (bytes) => this.late('up', () => this.up(bytes)));
    server.on('data', (bytes) => this.late('down', () => this.down(bytes)));
    browser.on('close', () => {
      server.destroy();
      gone();
    });
    server.on('close', () => this.late('down', () => browser.destroySoon()));
  }

  reset(): void {
    this.held = undefined;
    this.browser.resetAndDestroy();
    this.server.destroy();
    this.gone();
  }

  hold(): void {
    this.held ??= [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    held.forEach((deliver) => deliver());
  }

  /** Delivers after the delay of the wire, in order, unless the wire is broken by then. */
  private late(direction: 'up' | 'down', deliver: Delivery): void {
    const now = performance.now();
    const before = direction === 'up' ? this.upAt : this.downAt;
    const at = Math.max(before, now + this.wire.random.next() * this.wire.faults.delay);
    if (direction === 'up') {
      this.upAt = at;
    } else {
      this.downAt = at;
    }
    const arrive = () => (this.held ? this.held.push(deliver) : deliver());
    if (at <= now) {
      arrive();
    } else {
      setTimeout(arrive, at - now);
    }
  }

  private up(bytes: Buffer): void {
    if (!this.begun) {
      this.begun = true;
      if (bytes.toString('latin1').startsWith('GET /live ')) {
        if (!this.wire.sockets) {
          this.browser.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
          this.server.destroy();
          return;
        }
        this.live = { up: new Frames(), down: new Frames() };
      }
    } else {
      this.live?.up.read(bytes).forEach(({ text }) => this.note('browser', text));
    }
    this.server.write(bytes);
  }

  private down(bytes: Buffer): void {
    if (!this.live) {
      this.browser.write(bytes);
      return;
    }
    let rest = bytes;
    if (!this.shaken) {
      // The answer to the handshake comes in one piece.
      const end = bytes.indexOf('\r\n\r\n') + 4;
      this.shaken = true;
      this.browser.write(bytes.subarray(0, end));
      rest = bytes.subarray(end);
    }
    this.live.down.read(rest).forEach((frame) => this.deliver(frame));
  }

  private deliver(frame: Frame): void {
    const { random, faults } = this.wire;
    if (!this.overtaken && frame.text !== undefined && random.chance(faults.swap)) {
      this.overtaken = frame.bytes;
      // Nothing may come after it; then it comes by itself, unless the wire is broken by then.
      const arrive = () => this.catchUp();
      setTimeout(() => (this.held ? this.held.push(arrive) : arrive()), 100);
      return;
    }
    this.send(frame.bytes, frame.text);
    this.catchUp();
    if (frame.text !== undefined) {
      this.past.push(frame.bytes);
      if (random.chance(faults.repeat)) {
        this.send(random.one(this.past));
      }
    }
  }

  private catchUp(): void {
    const { overtaken } = this;
    this.overtaken = undefined;
    if (overtaken) {
      this.send(overtaken);
    }
  }

  private send(bytes: Buffer, text = new Frames().read(bytes)[0]?.text): void {
    if (this.browser.writable) {
      this.note('server', text);
      this.browser.write(bytes);
    }
  }

  private note(from: 'browser' | 'server', text: string | undefined): void {
    if (text !== undefined) {
      this.wire.said.push({ from, text });
    }
  }
}
