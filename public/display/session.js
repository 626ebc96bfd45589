// What to do about the live connection, decided without a browser: docs/PROTOCOL.md from the reader's side.
//
// Everything that happens comes in as a call; what is to be done goes out as a list of acts, each an array whose first
// item is its name. Times are milliseconds of a steady clock. The pages in Rust decide the same, with the reasons:
// app/src/live/client.rs. These scripts must run on televisions of 2020: nothing newer than ES2018, and no modules;
// they share the one name `Doppio`.
(function (Doppio) {
  'use strict';

  // So long without a word means that the line is broken: three heartbeats.
  var SILENCE = 15000;
  // A socket that has not answered a question for so long is as good as dead.
  var WELCOME = 10000;
  // A socket opens in less than that on a network that works.
  var OPEN = 2000;
  // Not live for so long, the page begins to ask by ordinary requests, at every second tick.
  var ASK_AFTER = 2000;
  var ASK = 1750;
  // Not live for so long, asking is what keeps the page true, and it says so.
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
    // How the present socket stands to each topic: awaited, lost, behind, followed, refused. One that is lost or behind
    // has a number that must be reached before it is followed.
    this.standing = {};
    this.heads = {};
    this.generation = 0;
    this.socket = 'none';
    this.failures = 0;
    this.line = 'starting';
    this.reached = true;
    this.epoch = 0;
    this.heardAt = this.trueAt = this.lostAt = this.askedAt = this.since = now;
    this.doubt();
  }

  Session.prototype.doubt = function () {
    var standing = this.standing;
    Object.keys(this.topics).forEach(function (topic) {
      if (standing[topic] !== 'lost') standing[topic] = 'awaited';
    });
    // The next server may count from another number.
    this.heads = {};
  };

  Session.prototype.open = function (now) {
    var told = this.lose(now);
    this.since = now;
    this.generation += 1;
    this.socket = 'opening';
    return [['open', this.generation]].concat(told);
  };

  // There is no socket any more that could be believed.
  Session.prototype.lose = function (now) {
    this.socket = 'none';
    this.doubt();
    return this.judge(now);
  };

  // All topics, each with how far it has been read; without that where count has been lost.
  Session.prototype.hello = function (now) {
    var self = this;
    self.since = now;
    var subscriptions = Object.keys(self.topics).map(function (topic) {
      var known = self.topics[topic];
      return self.standing[topic] === 'lost'
        ? { topic: topic }
        : { topic: topic, resume: { epoch: known.epoch, seq: known.seq } };
    });
    return ['send', { frame: 'hello', subscriptions: subscriptions }];
  };

  Session.prototype.opened = function (generation, now) {
    // One that was given up while it opened may open all the same.
    if (generation !== this.generation || this.socket !== 'opening') return [];
    this.socket = 'open';
    return [this.hello(now)];
  };

  Session.prototype.frame = function (generation, frame, now, random) {
    if (generation !== this.generation || this.socket !== 'open') return [];
    this.trueAt = now;
    this.failures = 0;
    var acts = [];
    switch (frame.frame) {
      case 'snapshot':
        acts = this.put(frame.topic, frame.state, frame.epoch, frame.seq).concat(this.caughtUp(frame.topic, now));
        break;
      case 'resumed':
        acts = this.resumed(frame, now);
        break;
      case 'delta':
        acts = this.delta(frame.topic, frame.seq, frame.change, now);
        break;
      case 'heartbeat':
        acts = [['clock', frame.now]];
        break;
      case 'denied':
        if (frame.topic in this.topics) this.standing[frame.topic] = 'refused';
        break;
      case 'bye':
        acts = this.lose(now);
        this.generation += 1;
        return [['close'], ['retry', this.generation, frame.retry_in_ms + Math.round(random * 1000)]].concat(acts);
    }
    if (this.whole()) this.heardAt = now;
    return acts.concat(this.judge(now));
  };

  Session.prototype.all = function (wanted) {
    var standing = this.standing;
    return Object.keys(this.topics).every(function (topic) {
      return standing[topic] === wanted;
    });
  };

  // Whether every topic is followed.
  Session.prototype.whole = function () {
    return this.socket === 'open' && this.all('followed');
  };

  Session.prototype.refused = function () {
    var standing = this.standing;
    return Object.keys(this.topics).some(function (topic) {
      return standing[topic] === 'refused';
    });
  };

  // Takes a snapshot in, unless what is shown is newer already.
  Session.prototype.put = function (topic, state, epoch, seq) {
    var known = this.topics[topic];
    if (!known || (known.epoch === epoch && known.seq > seq)) return [];
    this.topics[topic] = { state: state, epoch: epoch, seq: seq };
    // Once for all topics.
    var anew = known.epoch !== epoch && this.epoch !== epoch;
    this.epoch = epoch;
    return anew ? [['show', topic], ['anew']] : [['show', topic]];
  };

  // A snapshot has come on the socket. One that is older than what has been heard of is a late one, or was overtaken by a
  // change that nobody will send again.
  Session.prototype.caughtUp = function (topic, now) {
    var known = this.topics[topic];
    var standing = this.standing[topic];
    if (!known || standing === 'refused') return [];
    var reached = known.seq >= (this.heads[topic] || 0);
    if (standing === 'lost' && !reached) return [this.hello(now)];
    if (standing !== 'behind' || reached) this.standing[topic] = 'followed';
    return [];
  };

  // The server goes on from the position that was named in the last `hello`.
  Session.prototype.resumed = function (frame, now) {
    var known = this.topics[frame.topic];
    if (!known || this.standing[frame.topic] !== 'awaited') return [];
    var fits = known.epoch === frame.epoch && known.seq >= frame.seq;
    // What was missed follows at once; until it is there the topic is behind.
    this.heads[frame.topic] = frame.head || 0;
    this.standing[frame.topic] = !fits ? 'lost' : known.seq < this.heads[frame.topic] ? 'behind' : 'followed';
    return fits ? [] : [this.hello(now)];
  };

  Session.prototype.delta = function (topic, seq, change, now) {
    var known = this.topics[topic];
    var standing = this.standing[topic];
    if (!known || standing === 'refused') return [];
    if (standing === 'lost') {
      // A snapshot is under way.
      this.heads[topic] = Math.max(this.heads[topic] || 0, seq);
      return [];
    }
    if ((standing === 'followed' || standing === 'behind') && seq <= known.seq) return [];
    if (standing === 'awaited' || seq !== known.seq + 1) {
      this.standing[topic] = 'lost';
      this.heads[topic] = seq;
      return [this.hello(now)];
    }
    known.seq = seq;
    if (standing === 'behind' && seq >= this.heads[topic]) this.standing[topic] = 'followed';
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
    this.failures += 1;
    return this.again(now, random);
  };

  Session.prototype.again = function (now, random) {
    var told = this.lose(now);
    return [['close'], ['retry', this.generation, retryAfter(this.failures, random)]].concat(told);
  };

  Session.prototype.retry = function (generation, now) {
    return generation === this.generation && this.socket === 'none' ? this.open(now) : [];
  };

  // The network is back, or somebody looks at the page again; `restored` from the browser's memory it has no socket.
  Session.prototype.wake = function (now, restored) {
    // A screen that was asleep wakes with a socket that looks open and is dead.
    var doubtful = restored || now - this.heardAt > SILENCE / 2;
    return this.socket === 'none' || doubtful ? this.open(now) : [];
  };

  // Once a second.
  Session.prototype.tick = function (now, random) {
    var acts = [];
    if (now - this.heardAt > SILENCE) acts = this.tell('silent');
    var waits = !this.whole() && !this.refused();
    var quiet = now - (this.socket === 'open' ? Math.max(this.heardAt, this.since) : this.since);
    var unanswered = this.socket === 'open' && waits && now - this.since > WELCOME;
    if (this.socket !== 'none' && (quiet > SILENCE || unanswered)) {
      acts = acts.concat(this.closed(this.generation, now, random));
    }
    if (!this.whole() && !this.refused() && now - this.lostAt >= ASK_AFTER && now - this.askedAt >= ASK) {
      this.askedAt = now;
      acts.push(['poll']);
    }
    return acts;
  };

  // An ordinary request, sent at `askedAt`, has brought the topics.
  Session.prototype.polled = function (serverNow, snapshots, askedAt, now, random) {
    // What a socket or a later request has said meanwhile is newer.
    if (askedAt < this.trueAt || this.whole()) return [];
    this.trueAt = askedAt;
    this.heardAt = now;
    var back = !this.reached;
    this.reached = true;
    var acts = [['clock', serverNow]];
    // A socket that was asked before may still bring what a server said that is no more, and no number tells that it is
    // older than this.
    var topics = this.topics;
    var outlived =
      this.socket === 'open' &&
      snapshots.some(function (one) {
        return one.topic in topics && topics[one.topic].epoch !== one.position.epoch;
      });
    snapshots.forEach(function (one) {
      // What the socket follows it knows better.
      if (!outlived && this.standing[one.topic] === 'followed') return;
      acts = acts.concat(this.put(one.topic, one.state, one.position.epoch, one.position.seq));
    }, this);
    if (this.line === 'silent' || now - this.lostAt > PATIENCE) acts = acts.concat(this.tell('slow'));
    // The server can be reached again: a socket that was opened before would wait on for the broken network.
    var hangs = this.socket === 'opening' && askedAt - this.since > OPEN;
    if (outlived || (back && (this.socket === 'none' || hangs))) {
      this.generation += 1;
      this.failures = 1;
      acts = acts.concat(this.again(now, random));
    }
    return acts;
  };

  // An ordinary request has failed, or was given up.
  Session.prototype.unreached = function () {
    this.reached = false;
  };

  // Says what has become true of the page, as far as its socket knows. That time passes in silence is for the ticks.
  Session.prototype.judge = function (now) {
    if (this.whole()) return this.tell('live');
    if (this.refused()) return this.tell('silent');
    if (this.line !== 'live') return [];
    this.lostAt = now;
    return this.tell('starting');
  };

  Session.prototype.tell = function (line) {
    if (this.line === line) return [];
    this.line = line;
    return [['tell', line, this.heardAt]];
  };

  Doppio.Session = Session;
  Doppio.retryAfter = retryAfter;
})((this.Doppio = this.Doppio || {}));
