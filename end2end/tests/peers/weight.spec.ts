import { expect, test } from '@playwright/test';

import { serve } from '../../support/folder.ts';
import { load, table, weigh } from '../../support/weight.ts';

/** `name=folder/page` a line: other systems as their own build has made them. `cargo xtask size` fills it. */
const PEERS = (process.env.PEERS ?? '').split('\n').filter((line) => line !== '');

test('other systems, weighed in the same way', async ({ browser }) => {
  const rows: Parameters<typeof table>[0] = [];
  for (const peer of PEERS) {
    const [name = '', folder = ''] = peer.split(/=(.*)/s);
    const { site, close } = await serve(folder);
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const files = await load(page, site);
    // A build for another path than `/` would come out as a page and nothing else.
    expect(files.length, `${name} loads more than its page`).toBeGreaterThan(1);
    rows.push([name, weigh(files, () => true), undefined]);
    await page.close();
    close();
  }
  console.log(table(rows));
});
