import { expect, test } from '../support/test.ts';
import { load, table, totalSize, type PageSize } from '../support/page-size.ts';

/** Brotli, in bytes. A kilobyte has 1,000. */
const LIMITS = { firstView: 60_000, wasm: 190_000, display: 40_000 };

const isWasm = (url: string) => /_bg\.wasm(\?|$)/.test(url);

test('every page is within its size limit', async ({ bar }) => {
  const guest = await bar.page();
  const menu = await load(guest, bar.server.url('/'));
  const display = await load(await bar.page(bar.variant.display), bar.server.url('/display'));
  const tablet = await bar.tablet('Ana');
  const queue = await load(tablet.page, bar.server.url('/barista'));

  const rows: [string, PageSize, number | undefined][] = [
    ["guest's first view, without WebAssembly", totalSize(menu, (url) => !isWasm(url)), LIMITS.firstView],
    ["guest's WebAssembly", totalSize(menu, isWasm), LIMITS.wasm],
    ["bar's first view, without WebAssembly", totalSize(queue, (url) => !isWasm(url)), undefined],
    ["bar's WebAssembly", totalSize(queue, isWasm), undefined],
    ['display, all of it', totalSize(display, () => true), LIMITS.display],
  ];
  console.log(table(rows));
  expect(menu.some(([url]) => isWasm(url)), 'the menu loads its WebAssembly').toBe(true);
  expect(display.some(([url]) => isWasm(url)), 'the display needs no WebAssembly').toBe(false);
  for (const [name, { brotli }, limit] of rows) {
    if (limit !== undefined) {
      expect.soft(brotli, name).toBeLessThanOrEqual(limit);
    }
  }
});
