import { expect, test } from '../support/test.ts';

const BAR_COMMANDS = [
  'claim_order',
  'release_order',
  'complete_order',
  'undo_complete',
  'hand_over_order',
  'cancel_at_bar',
  'set_shop_state',
  'read_bar',
];
const GUEST_COMMANDS = ['submit_order', 'cancel_order', 'collect_order', 'read_order'];

test('the bar page and its commands are refused without the staff link', async ({ bar }) => {
  bar.expects(/403/);
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  for (const command of BAR_COMMANDS) {
    const answer = await ada.post(command, { order, reason: 'no', state: 'closed' });
    expect(answer.status(), command).toBe(403);
  }
  expect(await bar.server.state('1')).toBe('CREATED');

  await ada.page.goto(bar.server.url('/barista'));
  await expect(ada.page.getByRole('heading', { name: 'This page is for the bar' })).toBeVisible();
  await expect(ada.page.getByText('Latte')).toHaveCount(0);
});

test('a browser without the staff link can subscribe neither to the queue nor to an order of another guest', async ({ bar }) => {
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const ben = await bar.phone();
  const deniedTopics = await ben.page.evaluate(
    ({ topics }) =>
      new Promise<string[]>((resolve, reject) => {
        const socket = new WebSocket(`ws://${location.host}/live`);
        const denied: string[] = [];
        socket.onopen = () =>
          socket.send(JSON.stringify({ frame: 'hello', subscriptions: topics.map((topic) => ({ topic })) }));
        socket.onmessage = ({ data }) => {
          const { frame, topic } = JSON.parse(data) as { frame: string; topic?: string };
          if (frame === 'denied' && topic) {
            denied.push(topic);
          } else if (frame === 'snapshot') {
            reject(new Error(`${topic} was sent`));
          }
          if (denied.length === topics.length) {
            socket.close();
            resolve(denied);
          }
        };
      }),
    { topics: ['queue', `order/${order}`] },
  );
  expect(deniedTopics.sort()).toEqual(['queue', `order/${order}`].sort());
});

test('another phone cannot act on an order and does not learn whether it exists', async ({ bar }) => {
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const ben = await bar.phone();
  for (const command of GUEST_COMMANDS) {
    const fields = { key: 'k', drink: 'Latte' };
    const foreign = await ben.post(command, { ...fields, order });
    const unknown = await ben.post(command, { ...fields, order: 'there-is-no-such-order' });
    expect(foreign.status(), command).toBe(404);
    expect(await foreign.text(), command).toBe(await unknown.text());
  }
  expect(await bar.server.state('1')).toBe('CREATED');
});

test('an invalid staff link is refused', async ({ bar }) => {
  bar.expects(/40[0-9]/);
  const page = await bar.page();
  const link = new URL(bar.server.addresses.staff);
  const forged = link.href.replace(/[^/=]{8}$/, 'AAAAAAAA');
  expect(forged).not.toBe(link.href);
  await page.goto(forged);
  await page.goto(bar.server.url('/barista'));
  await expect(page.getByRole('heading', { name: 'This page is for the bar' })).toBeVisible();
});

test('a page of another site cannot send a command', async ({ bar }) => {
  const ada = await bar.phone();
  const order = await ada.order('Latte');
  await ada.called();
  const answer = await ada.page.context().request.post(bar.server.url('/api/cancel_order'), {
    form: { order },
    headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
  });
  expect(answer.status()).toBe(403);
  expect(await bar.server.state('1')).toBe('CREATED');
});
