import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { expect, type Page } from '@playwright/test';

/** The bytes that a browser has loaded for a page. */
export interface PageSize {
  raw: number;
  gzip: number;
  brotli: number;
}

/** A URL and its response. */
export type Loaded = [string, Buffer];

/** The total size of the files that `which` selects, raw and compressed. */
export function totalSize(files: Loaded[], which: (url: string) => boolean): PageSize {
  const bodies = files.filter(([url]) => which(url)).map(([, body]) => body);
  // Images and fonts are already compressed. A server sends the smaller one.
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

/** Everything that a browser without a cache loads from the same server until it is idle. */
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

/** The rows of a table, with limits where they exist. */
export function table(rows: [string, PageSize, number | undefined][]): string {
  const lines = rows.map(
    ([name, { raw, gzip, brotli }, limit]) => `| ${name} | ${raw} | ${gzip} | ${brotli} | ${limit ?? ''} |`,
  );
  return ['| | raw | gzip | brotli | limit |', '|---|---:|---:|---:|---:|', ...lines].join('\n');
}
