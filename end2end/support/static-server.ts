import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** Serves a folder like a web server for single-page applications: unknown paths return the first page. */
export async function serve(folder: string): Promise<{ site: string; close: () => void }> {
  const server = createServer((request, answer) => {
    const path = normalize(new URL(request.url ?? '/', 'http://folder').pathname);
    const file = extname(path) ? path : 'index.html';
    readFile(join(folder, file)).then(
      (body) => answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body),
      () => answer.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { site: `http://127.0.0.1:${port}`, close: () => server.close() };
}
