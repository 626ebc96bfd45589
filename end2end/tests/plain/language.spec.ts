import { expect, test } from '../../support/test.ts';
import { LANGUAGES, direction, textOf } from '../../support/messages.ts';

test('each language can be selected by its own name, is stored on the device, and applies to the whole page', async ({ bar }) => {
  bar.expects(/404/);
  const page = await bar.page();
  await page.goto(bar.server.url('/nowhere'));
  const names = await page.getByRole('form').getByRole('button').allInnerTexts();
  expect(names).toEqual(['English', 'Deutsch', 'Español', 'Português', '日本語', 'العربية']);
  for (const [at, name] of names.entries()) {
    const language = LANGUAGES[at] ?? 'en';
    const button = page.getByRole('button', { name, exact: true });
    await expect(button, 'the name has its language').toHaveAttribute('lang', language);
    await button.click();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await expect(page.locator('html')).toHaveAttribute('dir', direction(language));
    await expect(page).toHaveURL(bar.server.url('/nowhere'));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(textOf(language, 'common_lost_title'));
    await expect(button).toHaveAttribute('aria-current', 'true');
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
  }
});

test('a page uses the language of the browser', async ({ bar }) => {
  bar.expects(/404/);
  const page = await bar.page({ locale: 'pt-PT' });
  await page.goto(bar.server.url('/nowhere'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(textOf('pt', 'common_lost_title'));
});

test('tests and pages use the same pseudo-language', async ({ bar }) => {
  bar.expects(/404/);
  const page = await bar.page();
  await page.context().addCookies([{ name: 'language', value: 'en-XA', url: bar.server.addresses.site }]);
  await page.goto(bar.server.url('/nowhere'));
  for (const message of ['common_lost_title', 'common_lost_sentence', 'common_go_to_menu']) {
    await expect(page.getByText(textOf('en-XA', message), { exact: true })).toBeVisible();
  }
});

test('an unsupported language changes nothing', async ({ bar }) => {
  const page = await bar.page();
  const answer = await page.context().request.post(bar.server.url('/language'), {
    form: { language: 'xx' },
    maxRedirects: 0,
  });
  expect(answer.status()).toBe(303);
  expect(answer.headers()['set-cookie'] ?? '').not.toContain('language');
});

test('the staff link signs in, in the language of the browser', async ({ bar }) => {
  const page = await bar.page({ locale: 'ar-EG' });
  await page.goto(bar.server.addresses.staff);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await page.getByRole('button', { name: 'Deutsch' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(textOf('de', 'common_sign_in_title'));
  await page.getByLabel(textOf('de', 'common_sign_in_name')).fill('Ana');
  await page.getByRole('button', { name: textOf('de', 'common_sign_in'), exact: true }).click();
  await expect(page).toHaveURL(bar.server.url('/barista'));
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
});
