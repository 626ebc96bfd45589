import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { expect, type Page } from '@playwright/test';

/** What a browser has loaded for a page, in bytes. */
export interface Weight {
  raw: number;
  gzip: number;
  brotli: number;
}

/** An address and what came from it. */
export type Loaded = [string, Buffer];

/** What of the files `which` names, as it is and as a server sends it. */
export function weigh(files: Loaded[], which: (url: string) => boolean): Weight {
  const bodies = files.filter(([url]) => which(url)).map(([, body]) => body);
  // Pictures and fonts are compressed already, and a server sends the shorter of the two.
  const sum = (shrink: (body: Buffer) => Buffer) =>
    bodies.reduce((all, body) => all + Math.min(body.length, shrink(body).length), 0);
  return {
    raw: sum((body) => body),
    gzip: sum((body) => gzipSync(body, { level: 9 })),
    brotli: sum((body) =>
      brotliCompressSync(body, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
      }),
    ),
  };
}

/** All that a browser without a cache loads from the same server, until it has been idle for a while. */
export async function load(page: Page, address: string): Promise<Loaded[]> {
  const { origin } = new URL(address);
  const addresses = new Set<string>();
  page.on('request', (request) => {
    if (request.method() === 'GET' && request.url().startsWith(origin)) {
      addresses.add(request.url());
    }
  });
  await page.goto(address, { waitUntil: 'networkidle' });
  const files: Loaded[] = [];
  for (const each of addresses) {
    const answer = await page.request.get(each);
    expect(answer.ok(), each).toBe(true);
    files.push([each, await answer.body()]);
  }
  return files;
}

/** The rows of a table, with the limits where there are any. */
export function table(rows: [string, Weight, number | undefined][]): string {
  const lines = rows.map(
    ([name, { raw, gzip, brotli }, limit]) => `| ${name} | ${raw} | ${gzip} | ${brotli} | ${limit ?? ''} |`,
  );
  return ['| | raw | gzip | brotli | limit |', '|---|---:|---:|---:|---:|', ...lines].join('\n');
}
