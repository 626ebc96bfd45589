import { expect, test } from '../support/test.ts';

/** An invalid request, its expected status, and a part of its message. */
const BAD: [string, string, Record<string, string>, number, RegExp][] = [
  ['a drink that is not on the menu', 'submit_order', { drink: 'Petrol' }, 422, /Petrol/],
  ['a modifier that the drink does not have', 'submit_order', { drink: 'Espresso', 'extras[0]': 'Oat milk' }, 422, /Oat milk/],
  ['no drink at all', 'submit_order', {}, 422, /\w/],
  ['an id that is none', 'submit_order', { drink: 'Latte', order: '../etc' }, 404, /notFound/],
  ['no order to cancel', 'cancel_order', {}, 400, /whichOrder/],
  ['no order to collect', 'collect_order', {}, 400, /whichOrder/],
];

for (const [name, command, fields, status, words] of BAD) {
  test(`${name}: an error with a message, and nothing changes`, async ({ bar }) => {
    const ada = await bar.phone();
    const answer = await ada.post(command, { key: 'k', ...fields });
    expect(answer.status()).toBe(status);
    expect(await answer.text()).toMatch(words);
    expect(await bar.server.orders()).toEqual([]);
  });
}

test('a body of a megabyte is refused, and the server keeps running', async ({ bar }) => {
  const ada = await bar.phone();
  const answer = await ada.post('submit_order', { key: 'k', drink: 'L'.repeat(1_000_000) });
  expect(answer.status()).toBe(413);
  expect(await bar.server.orders()).toEqual([]);
  await ada.order('Latte');
  await ada.called();
});
