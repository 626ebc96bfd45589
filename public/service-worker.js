// Keeps the shell of the pages: files whose names change with their content, and one page that says that there is no
// connection. Menus and orders are never kept: what does not come fresh from the server is not shown as if it did.
const CACHE = 'shell-1';
const OFFLINE = '/offline';
const ICON = '/pkg/icon.svg';
const HASH = /-[0-9a-f]{12,16}(?=[._])/;

self.addEventListener('install', (event) => {
  const filled = caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, ICON]));
  event.waitUntil(filled.then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const forget = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(forget.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) {
    return;
  }
  if (request.mode === 'navigate') {
    event.respondWith(page(event));
  } else if (url.pathname.startsWith('/pkg/')) {
    event.respondWith(HASH.test(url.pathname) || url.search.startsWith('?v=') ? kept(request, url) : fresh(request));
  }
});

/** A page comes from the server or not at all. */
async function page(event) {
  try {
    const answer = await fetch(event.request);
    // In the language that the reader has chosen meanwhile.
    event.waitUntil(refreshOffline());
    return answer;
  } catch (error) {
    return (await caches.match(OFFLINE)) || Response.error();
  }
}

async function refreshOffline() {
  try {
    const answer = await fetch(OFFLINE);
    if (answer.ok) {
      await (await caches.open(CACHE)).put(OFFLINE, answer);
    }
  } catch (error) {
    // The page that is there already will do.
  }
}

/** A file that never changes under its name. An older one of the same kind is forgotten. */
async function kept(request, url) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) {
    return known;
  }
  const answer = await fetch(request);
  if (answer.ok) {
    const kind = url.pathname.replace(HASH, '');
    for (const old of await cache.keys()) {
      if (new URL(old.url).pathname.replace(HASH, '') === kind) {
        await cache.delete(old);
      }
    }
    await cache.put(request, answer.clone());
  }
  return answer;
}

/** A file that may change under its name: kept for the page that is shown without a connection. */
async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) {
      await cache.put(request, answer.clone());
    }
    return answer;
  } catch (error) {
    const known = await cache.match(request);
    if (known) {
      return known;
    }
    throw error;
  }
}
