// The connection of a page: carries out the actions of the session with a socket, timers and events.
(function (Doppio) {
  'use strict';

  // The time-out of a poll, in milliseconds.
  var POLL_TIMEOUT = 4000;

  // The steady clock, in milliseconds. Setting the clock of the television does not change it.
  function steady() {
    return window.performance.now();
  }

  // Detects a sleep of the device: its clock has run ahead of the steady clock, which many browsers stop meanwhile. Or the
  // clock was set; the two cannot be distinguished. As in app/src/live/suspension.rs.
  var SLEEP = 7500;

  function Suspension(steadyNow, wallNow) {
    this.ahead = wallNow - steadyNow;
  }

  Suspension.prototype.detect = function (steadyNow, wallNow) {
    var before = this.ahead;
    this.ahead = wallNow - steadyNow;
    return this.ahead - before >= SLEEP;
  };

  // The server's time, in milliseconds since 1970. `start` is the time of rendering.
  function Clock(start) {
    this.ahead = start - 0;
  }

  Clock.prototype.set = function (server) {
    this.ahead = server - steady();
  };

  Clock.prototype.now = function () {
    return this.ahead + steady();
  };

  Doppio.byId = function (id) {
    return document.getElementById(id);
  };

  // Sets a text, but only if it changes, because a screen reader may be reading it.
  Doppio.put = function (id, text) {
    var element = Doppio.byId(id);
    if (element.textContent !== text) element.textContent = text;
  };

  // `start` is the data of the page. Calls `page.show(topics)`, `page.line(status, currentAt)` and `page.tick()`.
  Doppio.connect = function (start, page) {
    var session = new Doppio.Session(start.topics, steady());
    var clock = new Clock(start.now);
    var suspension = new Suspension(steady(), Date.now());
    var socket = null;
    var timer = 0;

    function retire() {
      if (!socket) return;
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
      socket = null;
    }

    function open(generation) {
      retire();
      var lost = function () {
        perform(session.closed(generation, steady(), Math.random()));
      };
      try {
        socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/live');
      } catch (error) {
        lost();
        return;
      }
      socket.onopen = function () {
        perform(session.opened(generation, steady()));
      };
      socket.onmessage = function (message) {
        perform(session.frame(generation, JSON.parse(message.data), steady(), Math.random()));
      };
      socket.onclose = socket.onerror = lost;
    }

    function poll() {
      var topics = Object.keys(session.topics);
      var body = topics
        .map(function (topic, index) {
          return 'topics[' + index + ']=' + encodeURIComponent(topic);
        })
        .join('&');
      var askedAt = steady();
      // A browser has few connections to a server, so a request that hangs is aborted.
      var limit = new AbortController();
      setTimeout(function () {
        limit.abort();
      }, POLL_TIMEOUT);
      fetch('/api/read_topics', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: body,
        signal: limit.signal,
      })
        .then(function (answer) {
          if (!answer.ok) throw new Error('not now');
          return answer.json();
        })
        .then(function (read) {
          clock.set(read[0]);
          perform(session.polled(read[0], read[1], askedAt, steady(), Math.random()));
        })
        .catch(function () {
          // A later tick polls again.
          session.unreached();
        });
    }

    function perform(actions) {
      actions.forEach(function (action) {
        switch (action[0]) {
          case 'open':
            open(action[1]);
            break;
          case 'close':
            retire();
            break;
          case 'send':
            if (socket && socket.readyState === 1) socket.send(JSON.stringify(action[1]));
            break;
          case 'retry':
            clearTimeout(timer);
            timer = setTimeout(function () {
              perform(session.retry(action[1], steady()));
            }, action[2]);
            break;
          case 'poll':
            poll();
            break;
          case 'clock':
            clock.set(action[1]);
            break;
          case 'show':
            page.show(session.topics);
            break;
          case 'anew':
            renew();
            break;
          case 'tell':
            page.line(action[1], clock.ahead + action[2]);
            break;
        }
      });
    }

    // The server has restarted, perhaps with newer pages. Nobody reloads a wall, so it does so itself, but only after it
    // has received the page, so that a broken connection never leaves it empty.
    function renew() {
      var own = Array.prototype.map.call(document.querySelectorAll('script[src],style'), function (each) {
        return each.getAttribute('src') || each.textContent;
      });
      fetch(location.href)
        .then(function (answer) {
          return answer.ok ? answer.text() : '';
        })
        .then(function (html) {
          var old = own.some(function (name) {
            return html.indexOf(name) < 0;
          });
          if (html && old) location.reload();
        })
        .catch(function () {
          // The present page still works.
        });
    }

    // After a sleep, reconnects and polls. The poll sets the clock sooner than the next heartbeat.
    function wasAsleep() {
      var slept = suspension.detect(steady(), Date.now());
      if (slept) {
        perform(session.wake(steady(), true));
        poll();
      }
      return slept;
    }

    var wake = function (event) {
      if (document.visibilityState === 'hidden' || wasAsleep()) return;
      perform(session.wake(steady(), event.persisted === true));
    };
    window.addEventListener('online', wake);
    window.addEventListener('pageshow', wake);
    document.addEventListener('visibilitychange', wake);
    setInterval(function () {
      wasAsleep();
      perform(session.tick(steady(), Math.random()));
      page.tick();
    }, 1000);
    page.show(session.topics);
    perform(session.open(steady()));
    return clock;
  };

  // Keeps the screen on, if the browser supports it.
  Doppio.stayAwake = function () {
    if (!navigator.wakeLock) return;
    var ask = function () {
      if (document.visibilityState === 'visible') {
        navigator.wakeLock.request('screen').catch(function () {
          // Refused, for example because of a low battery.
        });
      }
    };
    document.addEventListener('visibilitychange', ask);
    ask();
  };
})((this.Doppio = this.Doppio || {}));
