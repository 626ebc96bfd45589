import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const FOLDER = join(import.meta.dirname, '../../public/display');

/** The scripts of the display, by name. */
export function displayScripts(): Record<string, string> {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(FOLDER, name), 'utf8')]));
}

/** An action of the connection: a name and its data. */
export type Act = [string, ...unknown[]];

/** The functions of the scripts that need no browser. */
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

/** Runs the scripts in a separate JavaScript context. */
export function doppio(): Doppio {
  const context = createContext({});
  const scripts = displayScripts();
  for (const name of ['session.js', 'layout.js', 'call.js']) {
    runInContext(scripts[name]!, context, { filename: name });
  }
  return runInContext('Doppio', context) as Doppio;
}

/** Copies a value from that context, so that it can be compared. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
