function (page) {
  var html = document.documentElement;
  var since = Date.now();
  var quiet = 0;
  var every = 30;
  var banner;
  function two(number) {
    return ('0' + number).slice(-2);
  }
  function say() {
    var time = new Date(since);
    var link = document.createElement('a');
    link.href = location.href;
    link.textContent = page.again;
    banner = document.createElement('div');
    banner.className = 'lifeless';
    banner.setAttribute('role', 'alert');
    banner.textContent = page.stopped.replace('{time}', two(time.getHours()) + ':' + two(time.getMinutes())) + ' ';
    banner.appendChild(link);
    document.body.appendChild(banner);
  }
  function again() {
    var ask = new XMLHttpRequest();
    ask.open('GET', location.href);
    ask.timeout = 4000;
    ask.onload = function () {
      if (quiet && ask.status < 500 && !document.querySelector('input:focus')) location.reload();
    };
    ask.send();
  }
  addEventListener('alive', function () {
    since = Date.now();
    quiet = 0;
    if (banner) banner.parentNode.removeChild(banner);
    banner = null;
  });
  setInterval(function () {
    var refresh = document.querySelector('[data-refresh]');
    quiet += 1;
    if (quiet > 15 && !banner && document.getElementById(page.seed)) say();
    if (refresh && quiet % every === 0) again();
  }, 1000);
  return function () {
    var refresh = document.querySelector('[data-refresh]');
    html.setAttribute('data-lifeless', '');
    if (refresh) every = +refresh.getAttribute('data-refresh');
  };
}
