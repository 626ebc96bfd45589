function (page) {
  var html = document.documentElement;
  var since = Date.now();
  var quiet = 0;
  var every = 30;
  var failed = false;
  var last, rendered, banner;
  function two(number) {
    return ('0' + number).slice(-2);
  }
  function refresh() {
    var element = document.querySelector('[data-refresh]');
    return element ? +element.getAttribute('data-refresh') : 0;
  }
  function text() {
    var time = new Date(since);
    if (failed) return refresh() ? page.refreshes.replace('{seconds}', refresh()) : page.failed;
    return page.stopped.replace('{time}', two(time.getHours()) + ':' + two(time.getMinutes()));
  }
  function say() {
    var link = document.createElement('a');
    if (banner) return;
    link.href = location.href;
    link.textContent = page.again;
    banner = document.createElement('div');
    banner.className = 'lifeless';
    banner.setAttribute('role', 'alert');
    banner.textContent = text() + ' ';
    banner.appendChild(link);
    document.body.insertBefore(banner, document.body.firstChild);
  }
  function unsay() {
    if (banner) banner.parentNode.removeChild(banner);
    banner = null;
  }
  function again() {
    var ask = new XMLHttpRequest();
    ask.open('GET', location.href);
    ask.timeout = 4000;
    ask.onload = function () {
      if (quiet >= every && ask.status < 500 && !document.querySelector('input:focus')) location.reload();
    };
    ask.send();
  }
  function lifeless() {
    html.setAttribute('data-lifeless', '');
    every = refresh() || every;
  }
  function failedAt(now) {
    try {
      if (now) sessionStorage.setItem('failed', now);
      return +sessionStorage.getItem('failed');
    } catch (_) {
      return 0;
    }
  }
  function fail() {
    if (failed) return;
    failed = true;
    unsay();
    say();
    lifeless();
    [].forEach.call(document.querySelectorAll('[data-plain]'), function (element) {
      element.textContent = element.getAttribute('data-plain');
    });
    ['click', 'submit', 'change', 'input', 'keydown', 'pointerdown'].forEach(function (name) {
      addEventListener(name, function (event) { event.stopImmediatePropagation(); }, true);
    });
    addEventListener('popstate', function () { location.reload(); });
  }
  function failNow() {
    if (!failed && !rendered) failedAt(Date.now());
    fail();
  }
  function trapped(error) {
    return window.WebAssembly && error instanceof WebAssembly.RuntimeError;
  }
  addEventListener('failed', failNow);
  addEventListener('error', function (event) {
    if (trapped(event.error)) failNow();
  });
  setInterval(function () {
    var element = document.getElementById(page.rendered);
    var now = element && element.getAttribute('data-now');
    quiet += 1;
    if (last && now !== last && !failed) {
      rendered = true;
      since = Date.now();
      quiet = 0;
      unsay();
    }
    last = now;
    if (quiet > 15 && document.getElementById(page.seed)) say();
    if (quiet && refresh() && quiet % every === 0) again();
  }, 1000);
  return {
    without: lifeless,
    broken: function (error) { (trapped(error) ? failNow : lifeless)(); },
    failedBefore: function () {
      // By the device's clock, which outlives the page; it may have been set back meanwhile.
      var before = Math.abs(Date.now() - failedAt()) < 60000;
      if (before) fail();
      return before;
    }
  };
}
