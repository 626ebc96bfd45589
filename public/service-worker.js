// The service worker. It caches files whose names change with their content, and the page `/offline`. Other pages are
// never cached, so no old menu or order is ever shown as current.
const CACHE = 'shell-1';
const OFFLINE = '/offline';
const ICON = '/pkg/icon.svg';
const HASH = /-[0-9a-f]{12,16}(?=[._])/;

self.addEventListener('install', (event) => {
  const cached = caches.open(CACHE).then((cache) => cache.addAll([OFFLINE, ICON]));
  event.waitUntil(cached.then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const deleted = caches.keys().then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))));
  event.waitUntil(deleted.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) {
    return;
  }
  if (request.mode === 'navigate') {
    event.respondWith(navigate(event));
  } else if (url.pathname.startsWith('/pkg/')) {
    event.respondWith(HASH.test(url.pathname) || url.search.startsWith('?v=') ? cacheFirst(request, url) : networkFirst(request));
  }
});

/** A page from the server, or `/offline`. */
async function navigate(event) {
  try {
    const answer = await fetch(event.request);
    // The language may have changed.
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
    // The cached page stays.
  }
}

/** A file with a hash in its name: from the cache. Replaces older versions of the file. */
async function cacheFirst(request, url) {
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

/** A file without a hash in its name: from the server, or else from the cache. */
async function networkFirst(request) {
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
