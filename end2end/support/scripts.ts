import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const FOLDER = join(import.meta.dirname, '../../public/display');

/** The scripts of the board, by name. */
export function boardScripts(): Record<string, string> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
}

/** What a connection decides to do: a name and what goes with it. */
export type Act = [string, ...unknown[]];

/** The parts of the scripts that need no browser. */
export interface Doppio {
  Session: new (topics: object, now: number) => Record<string, (...given: unknown[]) => Act[]> & { line: string };
  Calls: new (wanted: boolean) => { call(numbers: number[], now: number): boolean; shown(now: number): number[] };
  Pager: new () => { turn(numbers: number[], news: number[], size: number, stay: number, now: number): Turned };
  sort(entries: object[], now: number): Record<'ready' | 'left' | 'preparing', { number: number }[]>;
  retryAfter(failures: number, random: number): number;
  countdown(millis: number): string;
  fill(text: string, places: Record<string, string | number>): string;
}

export interface Turned {
  shown: number[];
  page: number;
  pages: number;
  more: number;
}

/** Runs those parts, as a television does, in a room of their own. */
export function doppio(): Doppio {
  const room = createContext({});
  const scripts = boardScripts();
  for (const name of ['session.js', 'layout.js', 'call.js']) {
    runInContext(scripts[name]!, room, { filename: name });
  }
  return runInContext('Doppio', room) as Doppio;
}

/** A value out of that room, to be compared with one of ours. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
