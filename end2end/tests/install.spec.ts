import { expect, test } from '../support/test.ts';

test.use({ serviceWorkers: 'allow' });

test('the guest\'s page, the bar\'s and the display can be installed', async ({ bar }) => {
  const tablet = await bar.tablet('Ana');
  const pages: [string, string, string][] = [
    ['/', '/', 'standalone'],
    ['/barista', '/barista', 'standalone'],
    ['/display', '/display', 'fullscreen'],
  ];
  for (const [path, id, display] of pages) {
    await tablet.page.goto(bar.server.url(path));
    const devtools = await tablet.page.context().newCDPSession(tablet.page);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    // Playwright's browsers are incognito, where nothing can be installed. All other criteria must be met.
    expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), path).toEqual([]);
    const { data, errors } = await devtools.send('Page.getAppManifest');
    expect(errors, path).toEqual([]);
    const manifest = JSON.parse(data ?? '{}') as Record<string, unknown>;
    expect([manifest['id'], manifest['start_url'], manifest['scope'], manifest['display']]).toEqual([id, id, id, display]);
    await devtools.detach();
  }
});

test('without a connection a page shows the last known state with its time, and never an old order or menu as live', async ({
  bar,
}) => {
  const guest = await bar.phone();
  const { page } = guest;
  await page.evaluate(() => navigator.serviceWorker.ready);
  await guest.order('Latte');
  await guest.called();
  await expect(page).toHaveTitle(/1/);
  const known = await page.title();
  await page.evaluate(() => navigator.serviceWorker.controller !== null || location.reload());
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  bar.expects(/ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|WebSocket connection/);
  await bar.server.stop();
  for (const path of ['/', new URL(page.url()).pathname]) {
    await page.goto(bar.server.url(path));
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(bar.text('common_offline_headline'));
    const status = page.getByRole('status');
    await expect(status).toContainText(known);
    await expect(status).toHaveText(/\d{1,2}:\d{2}/);
    await expect(page.locator('.headline, .menu')).toHaveCount(0);
  }
});
