import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

/** Records every byte that a page receives: documents, responses, scripts, frames of the live connection. */
function record(page: Page, received: string[], pending: Promise<unknown>[]): void {
  page.on('response', (response) => received.push(JSON.stringify(response.headers())));
  // Some responses are incomplete, because the page was left before.
  page.on('requestfinished', (request) => {
    // Redirects and abandoned responses have no body.
    const body = request.response().then((response) => response?.body());
    pending.push(body.then((bytes) => bytes && received.push(bytes.toString('latin1')), () => undefined));
  });
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(payload.toString())));
}

test('no byte to a browser and no log line during an order contains a task token', async ({ bar }) => {
  const received: string[] = [];
  const pending: Promise<unknown>[] = [];
  const tokens = new Set<string>();
  const remember = async () => {
    for (const item of await bar.server.orders()) {
      if (item['TaskToken']?.S) {
        tokens.add(item['TaskToken'].S);
      }
    }
  };
  const ada = await bar.phone();
  const tablet = await bar.tablet('Ana');
  const display = await bar.display();
  const pages = [ada.page, tablet.page, display.page];
  for (const page of pages) {
    record(page, received, pending);
    await page.reload();
  }

  const sheet = await ada.choose('Latte');
  await expect.poll(async () => (await bar.server.orders())[0]?.['TaskToken']?.S).toBeTruthy();
  await remember();
  await ada.submit(sheet);
  await ada.called();
  await remember();
  expect(tokens.size, 'both tokens of the order are known').toBe(2);
  for (const page of pages) {
    await page.reload();
  }
  await tablet.tap('1', 'Claim');
  await tablet.finish('1');
  await bar.server.advance(4);
  await expect(ada.headline).toHaveText("It's ready!");
  await tablet.tap('1', 'Handed over');
  await expect(ada.headline).toHaveText('Enjoy!');
  await Promise.all(pending);

  expect(received.some((bytes) => bytes.includes('"frame":"delta"')), 'the frames were recorded').toBe(true);
  expect(received.some((bytes) => bytes.includes('<html')), 'the pages were recorded').toBe(true);
  for (const token of tokens) {
    // A part of a token must not be sent either. Characters may be escaped in pages and URLs.
    const part = token.slice(-24);
    for (const form of [token, part, encodeURIComponent(token), encodeURIComponent(part)]) {
      expect(received.filter((bytes) => bytes.includes(form))).toEqual([]);
    }
    expect(bar.server.log).not.toContain(part);
  }
});
