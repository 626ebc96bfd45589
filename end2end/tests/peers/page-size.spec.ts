import { expect, test } from '@playwright/test';

import { serve } from '../../support/static-server.ts';
import { load, table, totalSize } from '../../support/page-size.ts';

/** `name=folder/page` per line: built pages of other systems, set by `cargo xtask size`. */
const PEERS = (process.env.PEERS ?? '').split('\n').filter((line) => line !== '');

test('sizes of other systems', async ({ browser }) => {
  const rows: Parameters<typeof table>[0] = [];
  for (const peer of PEERS) {
    const [name = '', folder = ''] = peer.split(/=(.*)/s);
    const { site, close } = await serve(folder);
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const files = await load(page, site);
    // A build for another base path would load only the page.
    expect(files.length, `${name} loads more than its page`).toBeGreaterThan(1);
    rows.push([name, totalSize(files, () => true), undefined]);
    await page.close();
    close();
  }
  console.log(table(rows));
});
