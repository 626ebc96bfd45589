// Keeps a page true: carries out what the session decides, with a socket, timers and the events of the page.
(function (Doppio) {
  'use strict';

  // What has not been answered for so long is asked again.
  var ANSWER = 4000;

  // Milliseconds that no change of the television's own clock can move.
  function steady() {
    return window.performance.now();
  }

  // Notices that the screen was asleep: its own clock has run away from the steady one, which stands still meanwhile in
  // many browsers. Or its clock was set forward; nobody can tell which. As in app/src/live/suspension.rs.
  var SLEPT = 7500;

  function Suspension(steadyNow, wallNow) {
    this.ahead = wallNow - steadyNow;
  }

  Suspension.prototype.look = function (steadyNow, wallNow) {
    var before = this.ahead;
    this.ahead = wallNow - steadyNow;
    return this.ahead - before >= SLEPT;
  };

  // The server's time, in milliseconds since 1970. `start` is what it was when the page was rendered.
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

  // Writes a text, and touches nothing that says so already: a screen reader may be reading it.
  Doppio.put = function (id, text) {
    var element = Doppio.byId(id);
    if (element.textContent !== text) element.textContent = text;
  };

  // `topics` as the page was rendered with them. `page` is told what to do: show(topics), line(name, heardAt), tick().
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
      // A browser lets only a few requests wait at a time, so that none may wait for ever.
      var limit = new AbortController();
      setTimeout(function () {
        limit.abort();
      }, ANSWER);
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
          // A later tick asks again; meanwhile the screen says what it is.
          session.unreached();
        });
    }

    function perform(acts) {
      acts.forEach(function (act) {
        switch (act[0]) {
          case 'open':
            open(act[1]);
            break;
          case 'close':
            retire();
            break;
          case 'send':
            if (socket && socket.readyState === 1) socket.send(JSON.stringify(act[1]));
            break;
          case 'retry':
            clearTimeout(timer);
            timer = setTimeout(function () {
              perform(session.retry(act[1], steady()));
            }, act[2]);
            break;
          case 'poll':
            poll();
            break;
          case 'clock':
            clock.set(act[1]);
            break;
          case 'show':
            page.show(session.topics);
            break;
          case 'anew':
            renew();
            break;
          case 'tell':
            page.line(act[1], clock.ahead + act[2]);
            break;
        }
      });
    }

    // The server has begun anew, perhaps with newer pages: a screen that nobody ever reloads must fetch them itself. Only
    // a page that has come whole is loaded, so that a broken line never leaves the wall empty.
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
          // What is shown still works.
        });
    }

    // After a sleep no socket is believed. The answer sets the clock of the page sooner than the next heartbeat.
    function wasAsleep() {
      var slept = suspension.look(steady(), Date.now());
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

  // Keeps the screen awake where the browser can.
  Doppio.stayAwake = function () {
    if (!navigator.wakeLock) return;
    var ask = function () {
      if (document.visibilityState === 'visible') {
        navigator.wakeLock.request('screen').catch(function () {
          // The battery is low, or the browser does not want to.
        });
      }
    };
    document.addEventListener('visibilitychange', ask);
    ask();
  };
})((this.Doppio = this.Doppio || {}));
