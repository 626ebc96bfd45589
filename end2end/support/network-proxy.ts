import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

import { type Frame, Frames } from './websocket-frames.ts';
import type { Random } from './random.ts';

/** A network failure. */
export type Failure =
  /** Connections are reset, and new ones are refused. */
  | 'reset'
  /** Connections stay open and all data is dropped. After the repair they are reset, as after the restart of a router. */
  | 'dropped'
  /** Connections stay open and data is delayed until the repair. */
  | 'delayed'
  /** Open connections carry no data, also after the repair. Only new connections work. */
  | 'half-open';

/** Faults of a working network. */
export interface Faults {
  /** The maximum delay in milliseconds of real time. */
  delay: number;
  /** The probability that a frame of the server is repeated later. */
  repeat: number;
  /** The probability that a frame of the server is overtaken by the next. */
  swap: number;
}

const NO_FAULTS: Faults = { delay: 0, repeat: 0, swap: 0 };

/** A TCP proxy between one browser and the server. Its address stays the same when the server restarts. */
export class NetworkProxy {
  /** Whether websockets are allowed. */
  websocketsAllowed = true;
  faults = NO_FAULTS;
  /** All messages of the browser, and all messages delivered to it, in order. */
  readonly messages: { from: 'browser' | 'server'; text: string }[] = [];

  private cut: Failure | undefined;
  private readonly links = new Set<Link>();
  private readonly halfOpen = new Set<Link>();

  private constructor(
    private readonly listener: Server,
    private readonly site: () => string,
    readonly random: Random,
  ) {}

  /** A proxy to the present address of the server. */
  static async to(site: () => string, random: Random): Promise<NetworkProxy> {
    const listener = createServer({ noDelay: true });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const proxy = new NetworkProxy(listener, site, random);
    listener.on('connection', (browser) => proxy.accept(browser));
    return proxy;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}${path}`;
  }

  break(cut: Failure): void {
    this.cut = cut;
    for (const link of this.links) {
      if (cut === 'reset') {
        link.reset();
      } else {
        link.hold();
      }
    }
  }

  repair(): void {
    const { cut } = this;
    this.cut = undefined;
    for (const link of [...this.links]) {
      if (cut === 'delayed') {
        link.release();
      } else if (cut === 'dropped') {
        link.reset();
      } else {
        // Half-open connections carry no data.
        this.links.delete(link);
        this.halfOpen.add(link);
      }
    }
  }

  async close(): Promise<void> {
    [...this.links, ...this.halfOpen].forEach((link) => link.reset());
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private accept(browser: Socket): void {
    if (this.cut === 'reset') {
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
  /** A websocket: its frames in each direction after the handshake. */
  private live: { up: Frames; down: Frames } | undefined;
  private begun = false;
  private handshakeDone = false;
  private readonly sentFrames: Buffer[] = [];
  private overtaken: Buffer | undefined;
  private upAt = 0;
  private downAt = 0;

  constructor(
    private readonly proxy: NetworkProxy,
    private readonly browser: Socket,
    private readonly server: Socket,
    private readonly onClosed: () => void,
  ) {
    browser.on('error', () => {});
    server.on('error', () => {});
    browser.on('data', (bytes) => this.late('up', () => this.up(bytes)));
    server.on('data', (bytes) => this.late('down', () => this.down(bytes)));
    browser.on('close', () => {
      server.destroy();
      onClosed();
    });
    server.on('close', () => this.late('down', () => browser.destroySoon()));
  }

  reset(): void {
    this.held = undefined;
    this.browser.resetAndDestroy();
    this.server.destroy();
    this.onClosed();
  }

  hold(): void {
    this.held ??= [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    held.forEach((deliver) => deliver());
  }

  /** Delivers in order after the delay, unless the network fails before. */
  private late(direction: 'up' | 'down', deliver: Delivery): void {
    const now = performance.now();
    const before = direction === 'up' ? this.upAt : this.downAt;
    const at = Math.max(before, now + this.proxy.random.next() * this.proxy.faults.delay);
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
        if (!this.proxy.websocketsAllowed) {
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
    if (!this.handshakeDone) {
      // The response of the handshake arrives in one piece.
      const end = bytes.indexOf('\r\n\r\n') + 4;
      this.handshakeDone = true;
      this.browser.write(bytes.subarray(0, end));
      rest = bytes.subarray(end);
    }
    this.live.down.read(rest).forEach((frame) => this.deliver(frame));
  }

  private deliver(frame: Frame): void {
    const { random, faults } = this.proxy;
    if (!this.overtaken && frame.text !== undefined && random.chance(faults.swap)) {
      this.overtaken = frame.bytes;
      // If no frame follows, this one is delivered alone, unless the network fails before.
      const arrive = () => this.catchUp();
      setTimeout(() => (this.held ? this.held.push(arrive) : arrive()), 100);
      return;
    }
    this.send(frame.bytes, frame.text);
    this.catchUp();
    if (frame.text !== undefined) {
      this.sentFrames.push(frame.bytes);
      if (random.chance(faults.repeat)) {
        this.send(random.one(this.sentFrames));
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
      this.proxy.messages.push({ from, text });
    }
  }
}
