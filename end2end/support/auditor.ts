import { request } from 'node:http';
import type { Socket } from 'node:net';

import { Frames, clientFrame, pong } from './websocket-frames.ts';

/** The parts of an order card that a screen shows. */
export interface Ticket {
  id: string;
  number: number;
  lane: { lane: string };
}

/** The states of the topics, as in docs/PROTOCOL.md. */
export type State =
  | { of: 'board'; is: { number: number; column: 'ready' | 'preparing' }[] }
  | { of: 'queue'; is: Ticket[] }
  | { of: 'shop'; is: object }
  | { of: 'order'; is: { stage: { stage: string; outcome?: { outcome: string } }; number: number | null } };

type Change = { change: string; to: unknown };

type ServerFrame =
  | { frame: 'snapshot'; topic: string; epoch: number; seq: number; state: State }
  | { frame: 'delta'; topic: string; seq: number; change: Change }
  | { frame: 'resumed' | 'heartbeat' | 'denied' | 'bye'; topic?: string };

/** One state of a topic with its position. */
export interface Moment {
  epoch: number;
  seq: number;
  state: State;
}

/** A client with a working connection, which records every state of the server. */
export class Auditor {
  private readonly past = new Map<string, Moment[]>();
  private socket: Socket | undefined;
  /** The server has closed the connection. */
  private isClosed = false;

  private constructor(private readonly cookies: string) {}

  static async of(site: string, cookies: string, topics: string[]): Promise<Auditor> {
    const auditor = new Auditor(cookies);
    await auditor.read(site, topics);
    return auditor;
  }

  /** All states of a topic, in order of arrival. */
  moments(topic: string): readonly Moment[] {
    if (this.isClosed) {
      throw new Error('the connection of the auditor is closed');
    }
    return this.past.get(topic) ?? [];
  }

  now(topic: string): Moment | undefined {
    return this.moments(topic).at(-1);
  }

  /** Reads these topics from the server at that address, in addition to the states read before. */
  async read(site: string, topics: string[]): Promise<void> {
    this.close();
    const { socket, head } = await this.upgrade(site);
    this.socket = socket;
    this.isClosed = false;
    const frames = new Frames();
    const received = new Set<string>();
    await new Promise<void>((resolve, reject) => {
      const receive = (bytes: Buffer) => {
        for (const { text, ping } of frames.read(bytes)) {
          if (ping) {
            socket.write(pong(ping));
          }
          const frame = JSON.parse(text ?? '{}') as ServerFrame;
          this.note(frame);
          if (frame.frame === 'denied') {
            reject(new Error(`the auditor may not read ${frame.topic}`));
          }
          if (frame.frame === 'snapshot') {
            received.add(frame.topic);
          }
        }
        if (topics.every((topic) => received.has(topic))) {
          resolve();
        }
      };
      socket.on('data', receive);
      socket.on('close', () => (this.isClosed ||= socket === this.socket));
      socket.on('error', () => {});
      receive(head);
      socket.write(clientFrame(JSON.stringify({ frame: 'hello', subscriptions: topics.map((topic) => ({ topic })) })));
    });
  }

  close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.destroy();
  }

  private upgrade(site: string): Promise<{ socket: Socket; head: Buffer }> {
    return new Promise((resolve, reject) => {
      const handshake = request(new URL('/live', site), {
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          origin: new URL(site).origin,
          cookie: this.cookies,
        },
      });
      handshake.on('upgrade', (_, socket, head) => resolve({ socket, head }));
      handshake.on('response', (answer) => reject(new Error(`the server refused the connection of the auditor: ${answer.statusCode}`)));
      handshake.on('error', reject);
      handshake.end();
    });
  }

  private note(frame: ServerFrame): void {
    if (frame.frame === 'snapshot') {
      const { topic, epoch, seq, state } = frame;
      this.add(topic, { epoch, seq, state });
    } else if (frame.frame === 'delta') {
      const last = this.now(frame.topic);
      if (!last || frame.seq !== last.seq + 1) {
        throw new Error(`a sequence number is missing in ${frame.topic}: ${last?.seq} ${frame.seq}`);
      }
      this.add(frame.topic, { epoch: last.epoch, seq: frame.seq, state: changed(last.state, frame.change) });
    }
  }

  private add(topic: string, moment: Moment): void {
    const moments = this.past.get(topic);
    if (moments) {
      moments.push(moment);
    } else {
      this.past.set(topic, [moment]);
    }
  }
}

/** A second implementation of the rules of docs/PROTOCOL.md, independent of that of the pages. */
function changed(state: State, { change, to }: Change): State {
  switch (change) {
    case 'boardPut':
    case 'boardRemove': {
      if (state.of !== 'board') break;
      const number = change === 'boardPut' ? (to as { number: number }).number : to;
      const others = state.is.filter((each) => each.number !== number);
      return { of: 'board', is: change === 'boardPut' ? [...others, to as (typeof others)[0]] : others };
    }
    case 'ticketPut':
    case 'ticketRemove': {
      if (state.of !== 'queue') break;
      const id = change === 'ticketPut' ? (to as Ticket).id : to;
      const others = state.is.filter((each) => each.id !== id);
      return { of: 'queue', is: change === 'ticketPut' ? [...others, to as Ticket] : others };
    }
    case 'shop':
    case 'order':
      return { of: change, is: to } as State;
  }
  throw new Error(`${change} is no change of ${state.of}`);
}
