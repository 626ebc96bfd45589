// What to do about the live connection, decided without a browser: docs/PROTOCOL.md from the reader's side.
//
// Everything that happens comes in as a call; what is to be done goes out as a list of acts, each an array whose first
// item is its name. Times are milliseconds of a steady clock. These scripts must run on televisions of 2020: nothing
// newer than ES2018, and no modules; they share the one name `Doppio`.
(function (Doppio) {
  'use strict';

  // So long without a word means that the line is broken: three heartbeats.
  var SILENCE = 15000;
  // How often a page asks where sockets are blocked.
  var POLL = 3000;
  // Without a socket for so long, the page begins to ask.
  var PATIENCE = 8000;
  var RETRY_FLOOR = 500;
  var RETRY_CEILING = 15000;

  // Full jitter between half a second and a ceiling that doubles with each failure.
  function retryAfter(failures, random) {
    var ceiling = Math.min(RETRY_FLOOR * Math.pow(2, Math.min(failures, 5)), RETRY_CEILING);
    return Math.round(RETRY_FLOOR + (ceiling - RETRY_FLOOR) * random);
  }

  // `topics` is what the page was rendered with: {board: {state, epoch, seq}, …}.
  function Session(topics, now) {
    this.topics = topics;
    this.trusted = {};
    Object.keys(topics).forEach(function (topic) {
      this.trusted[topic] = true;
    }, this);
    this.generation = 0;
    this.socket = 'none';
    this.failures = 0;
    this.line = 'starting';
    this.heardAt = this.lostAt = this.askedAt = this.openingSince = now;
  }

  Session.prototype.open = function (now) {
    this.openingSince = now;
    this.generation += 1;
    this.socket = 'opening';
    return [['open', this.generation]];
  };

  // All topics, each with how far it has been read; without that where count has been lost.
  Session.prototype.hello = function () {
    var self = this;
    var subscriptions = Object.keys(self.topics).map(function (topic) {
      var known = self.topics[topic];
      return self.trusted[topic]
        ? { topic: topic, resume: { epoch: known.epoch, seq: known.seq } }
        : { topic: topic };
    });
    return ['send', { frame: 'hello', subscriptions: subscriptions }];
  };

  Session.prototype.opened = function (generation) {
    if (generation !== this.generation) return [];
    this.socket = 'open';
    return [this.hello()];
  };

  Session.prototype.frame = function (generation, frame, now, random) {
    if (generation !== this.generation) return [];
    this.heardAt = now;
    this.failures = 0;
    var acts = [];
    switch (frame.frame) {
      case 'snapshot':
        acts = this.put(frame.topic, frame.state, frame.epoch, frame.seq);
        break;
      case 'delta':
        acts = this.delta(frame.topic, frame.seq, frame.change);
        break;
      case 'heartbeat':
        acts = [['clock', frame.now]];
        break;
      case 'denied':
        delete this.topics[frame.topic];
        break;
      case 'bye':
        this.socket = 'none';
        this.lostAt = now;
        this.generation += 1;
        return [['close'], ['retry', this.generation, frame.retry_in_ms + Math.round(random * 1000)]];
    }
    // While a topic waits for its snapshot, what is shown may be old.
    return this.whole() ? acts.concat(this.tell('live')) : acts;
  };

  Session.prototype.whole = function () {
    var trusted = this.trusted;
    return Object.keys(this.topics).every(function (topic) {
      return trusted[topic];
    });
  };

  Session.prototype.put = function (topic, state, epoch, seq) {
    if (!this.topics[topic]) return [];
    var anew = this.topics[topic].epoch !== epoch;
    this.topics[topic] = { state: state, epoch: epoch, seq: seq };
    this.trusted[topic] = true;
    return anew ? [['show', topic], ['anew']] : [['show', topic]];
  };

  Session.prototype.delta = function (topic, seq, change) {
    var known = this.topics[topic];
    if (!known || !this.trusted[topic] || seq <= known.seq) return [];
    if (seq !== known.seq + 1) {
      this.trusted[topic] = false;
      return [this.hello()];
    }
    known.seq = seq;
    apply(known.state, change);
    return [['show', topic]];
  };

  function apply(state, change) {
    if (state.of === 'board') {
      var number = change.change === 'boardRemove' ? change.to : change.to.number;
      state.is = state.is.filter(function (entry) {
        return entry.number !== number;
      });
      if (change.change === 'boardPut') state.is.push(change.to);
    } else if (state.of === change.change) {
      state.is = change.to;
    }
  }

  Session.prototype.closed = function (generation, now, random) {
    if (generation !== this.generation || this.socket === 'none') return [];
    if (this.socket === 'open') this.lostAt = now;
    this.socket = 'none';
    this.failures += 1;
    return [['close'], ['retry', this.generation, retryAfter(this.failures, random)]];
  };

  Session.prototype.retry = function (generation, now) {
    return generation === this.generation && this.socket === 'none' ? this.open(now) : [];
  };

  // The network is back, or somebody looks at the page again.
  Session.prototype.wake = function (now) {
    // A screen that was asleep wakes with a socket that looks open and is dead.
    var doubtful = now - this.heardAt > SILENCE / 2;
    return this.socket === 'none' || doubtful ? this.open(now) : [];
  };

  // Once a second.
  Session.prototype.tick = function (now, random) {
    var acts = [];
    if (now - this.heardAt > SILENCE) acts = this.tell('silent');
    var since = this.socket === 'opening' ? this.openingSince : Math.max(this.heardAt, this.openingSince);
    if (this.socket !== 'none' && now - since > SILENCE) {
      acts = acts.concat(this.closed(this.generation, now, random));
    }
    if (this.socket !== 'open' && now - this.lostAt > PATIENCE && now - this.askedAt >= POLL) {
      this.askedAt = now;
      acts.push(['poll']);
    }
    return acts;
  };

  // An ordinary request has brought the topics.
  Session.prototype.polled = function (serverNow, snapshots, now) {
    // What a live socket has said meanwhile is newer.
    if (this.socket === 'open' && this.line === 'live') return [];
    this.heardAt = now;
    var acts = [['clock', serverNow]];
    snapshots.forEach(function (one) {
      acts = acts.concat(this.put(one.topic, one.state, one.position.epoch, one.position.seq));
    }, this);
    return acts.concat(this.tell('slow'));
  };

  Session.prototype.tell = function (line) {
    if (this.line === line) return [];
    this.line = line;
    return [['tell', line, this.heardAt]];
  };

  Doppio.Session = Session;
  Doppio.retryAfter = retryAfter;
})((this.Doppio = this.Doppio || {}));
