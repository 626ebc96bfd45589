// The state machine of a screen's live connection, without a browser: the reader's side of docs/PROTOCOL.md.
//
// Events come in as calls, and what to do goes out as a list of actions, each an array that begins with a name. Times are
// milliseconds of a steady clock. app/src/live/client.rs is the same state machine for the pages in Rust. The scripts in
// this folder must run on televisions of 2020: nothing newer than ES2018, and no modules. They share the global `Doppio`.
(function (Doppio) {
  'use strict';

  // After this long without a frame (three heartbeats) the connection is broken.
  var SILENCE = 15000;
  // A socket that does not answer a hello within this time is replaced.
  var HELLO_TIMEOUT = 10000;
  // On a working network a socket opens within this time.
  var OPEN = 2000;
  // After this long without a live connection the screen polls, at every second tick.
  var POLL_AFTER = 2000;
  var POLL = 1750;
  // After this long without a socket, polling keeps the screen current and the status says so.
  var POLLING_STATUS = 8000;
  var RETRY_FLOOR = 500;
  var RETRY_CEILING = 15000;

  // The delay before a reconnect: full jitter from half a second to a ceiling that doubles with each failure.
  function retryAfter(failures, random) {
    var ceiling = Math.min(RETRY_FLOOR * Math.pow(2, Math.min(failures, 5)), RETRY_CEILING);
    return Math.round(RETRY_FLOOR + (ceiling - RETRY_FLOOR) * random);
  }

  // `topics` is the data that the page was rendered with: {board: {state, epoch, seq}, …}.
  function Session(topics, now) {
    this.topics = topics;
    // The state of each topic on the present socket: pending, gap, catchingUp, current, denied. With a gap, and while it
    // is catching up, a topic has a sequence number in `heads` that it must reach.
    this.states = {};
    this.heads = {};
    this.generation = 0;
    this.socket = 'none';
    this.failures = 0;
    this.line = 'starting';
    this.pollAnswered = true;
    this.epoch = 0;
    this.currentAt = this.asOf = this.liveUntil = this.polledAt = this.waitingSince = now;
    this.disconnected();
  }

  Session.prototype.disconnected = function () {
    var states = this.states;
    Object.keys(this.topics).forEach(function (topic) {
      if (states[topic] !== 'gap') states[topic] = 'pending';
    });
    // The next server may count from another number.
    this.heads = {};
  };

  Session.prototype.open = function (now) {
    var status = this.disconnect(now);
    this.waitingSince = now;
    this.generation += 1;
    this.socket = 'opening';
    return [['open', this.generation]].concat(status);
  };

  Session.prototype.disconnect = function (now) {
    this.socket = 'none';
    this.disconnected();
    return this.updateStatus(now);
  };

  // Asks for all topics, each from its position; after a gap, for a snapshot.
  Session.prototype.hello = function (now) {
    var self = this;
    self.waitingSince = now;
    var subscriptions = Object.keys(self.topics).map(function (topic) {
      var known = self.topics[topic];
      return self.states[topic] === 'gap'
        ? { topic: topic }
        : { topic: topic, resume: { epoch: known.epoch, seq: known.seq } };
    });
    return ['send', { frame: 'hello', subscriptions: subscriptions }];
  };

  Session.prototype.opened = function (generation, now) {
    // A socket that was given up while it opened may still open.
    if (generation !== this.generation || this.socket !== 'opening') return [];
    this.socket = 'open';
    return [this.hello(now)];
  };

  Session.prototype.frame = function (generation, frame, now, random) {
    if (generation !== this.generation || this.socket !== 'open') return [];
    this.asOf = now;
    this.failures = 0;
    var actions = [];
    switch (frame.frame) {
      case 'snapshot':
        actions = this.applySnapshot(frame.topic, frame.state, frame.epoch, frame.seq).concat(this.snapshotReceived(frame.topic, now));
        break;
      case 'resumed':
        actions = this.resumed(frame, now);
        break;
      case 'delta':
        actions = this.delta(frame.topic, frame.seq, frame.change, now);
        break;
      case 'heartbeat':
        actions = [['clock', frame.now]];
        break;
      case 'denied':
        if (frame.topic in this.topics) this.states[frame.topic] = 'denied';
        break;
      case 'bye':
        actions = this.disconnect(now);
        this.generation += 1;
        return [['close'], ['retry', this.generation, frame.retry_in_ms + Math.round(random * 1000)]].concat(actions);
    }
    if (this.isLive()) this.currentAt = now;
    return actions.concat(this.updateStatus(now));
  };

  Session.prototype.all = function (wanted) {
    var states = this.states;
    return Object.keys(this.topics).every(function (topic) {
      return states[topic] === wanted;
    });
  };

  // Whether every topic is current.
  Session.prototype.isLive = function () {
    return this.socket === 'open' && this.all('current');
  };

  Session.prototype.isDenied = function () {
    var states = this.states;
    return Object.keys(this.topics).some(function (topic) {
      return states[topic] === 'denied';
    });
  };

  // Replaces what is shown by a snapshot, unless that is older.
  Session.prototype.applySnapshot = function (topic, state, epoch, seq) {
    var known = this.topics[topic];
    if (!known || (known.epoch === epoch && known.seq > seq)) return [];
    this.topics[topic] = { state: state, epoch: epoch, seq: seq };
    // Once for all topics.
    var restarted = known.epoch !== epoch && this.epoch !== epoch;
    this.epoch = epoch;
    return restarted ? [['show', topic], ['anew']] : [['show', topic]];
  };

  // A snapshot has come on the socket. If a change that the server will not send again has overtaken it, asks for another.
  Session.prototype.snapshotReceived = function (topic, now) {
    var known = this.topics[topic];
    var state = this.states[topic];
    if (!known || state === 'denied') return [];
    var reached = known.seq >= (this.heads[topic] || 0);
    if (state === 'gap' && !reached) return [this.hello(now)];
    if (state !== 'catchingUp' || reached) this.states[topic] = 'current';
    return [];
  };

  // The server goes on from the position of the last hello.
  Session.prototype.resumed = function (frame, now) {
    var known = this.topics[frame.topic];
    if (!known || this.states[frame.topic] !== 'pending') return [];
    var fits = known.epoch === frame.epoch && known.seq >= frame.seq;
    // The missed changes follow at once.
    this.heads[frame.topic] = frame.head || 0;
    this.states[frame.topic] = !fits ? 'gap' : known.seq < this.heads[frame.topic] ? 'catchingUp' : 'current';
    return fits ? [] : [this.hello(now)];
  };

  Session.prototype.delta = function (topic, seq, change, now) {
    var known = this.topics[topic];
    var state = this.states[topic];
    if (!known || state === 'denied') return [];
    if (state === 'gap') {
      // A snapshot has been asked for.
      this.heads[topic] = Math.max(this.heads[topic] || 0, seq);
      return [];
    }
    if ((state === 'current' || state === 'catchingUp') && seq <= known.seq) return [];
    if (state === 'pending' || seq !== known.seq + 1) {
      this.states[topic] = 'gap';
      this.heads[topic] = seq;
      return [this.hello(now)];
    }
    known.seq = seq;
    if (state === 'catchingUp' && seq >= this.heads[topic]) this.states[topic] = 'current';
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
    return this.reconnect(now, random);
  };

  Session.prototype.reconnect = function (now, random) {
    var status = this.disconnect(now);
    return [['close'], ['retry', this.generation, retryAfter(this.failures, random)]].concat(status);
  };

  Session.prototype.retry = function (generation, now) {
    return generation === this.generation && this.socket === 'none' ? this.open(now) : [];
  };

  // The network is back, or the page is visible again. `restored` from the back/forward cache, it has no socket.
  Session.prototype.wake = function (now, restored) {
    // After a sleep a socket may look open although it is dead.
    var doubtful = restored || now - this.currentAt > SILENCE / 2;
    return this.socket === 'none' || doubtful ? this.open(now) : [];
  };

  // To be called once a second.
  Session.prototype.tick = function (now, random) {
    var actions = [];
    if (now - this.currentAt > SILENCE) actions = this.setStatus('silent');
    var waits = !this.isLive() && !this.isDenied();
    var quiet = now - (this.socket === 'open' ? Math.max(this.currentAt, this.waitingSince) : this.waitingSince);
    var unanswered = this.socket === 'open' && waits && now - this.waitingSince > HELLO_TIMEOUT;
    if (this.socket !== 'none' && (quiet > SILENCE || unanswered)) {
      actions = actions.concat(this.closed(this.generation, now, random));
    }
    if (!this.isLive() && !this.isDenied() && now - this.liveUntil >= POLL_AFTER && now - this.polledAt >= POLL) {
      this.polledAt = now;
      actions.push(['poll']);
    }
    return actions;
  };

  // A poll that was sent at `askedAt` is answered.
  Session.prototype.polled = function (serverNow, snapshots, askedAt, now, random) {
    // A socket or a later poll has brought something newer meanwhile.
    if (askedAt < this.asOf || this.isLive()) return [];
    this.asOf = askedAt;
    this.currentAt = now;
    var back = !this.pollAnswered;
    this.pollAnswered = true;
    var actions = [['clock', serverNow]];
    // The socket may still bring frames of the server before the restart, and no sequence number would show that they
    // are older than this answer.
    var topics = this.topics;
    var outlived =
      this.socket === 'open' &&
      snapshots.some(function (one) {
        return one.topic in topics && topics[one.topic].epoch !== one.position.epoch;
      });
    snapshots.forEach(function (one) {
      // The socket is ahead of the poll for topics that are current.
      if (!outlived && this.states[one.topic] === 'current') return;
      actions = actions.concat(this.applySnapshot(one.topic, one.state, one.position.epoch, one.position.seq));
    }, this);
    if (this.line === 'silent' || now - this.liveUntil > POLLING_STATUS) actions = actions.concat(this.setStatus('slow'));
    // The server can be reached again. A socket that was opened before would still wait for the broken network.
    var hangs = this.socket === 'opening' && askedAt - this.waitingSince > OPEN;
    if (outlived || (back && (this.socket === 'none' || hangs))) {
      this.generation += 1;
      this.failures = 1;
      actions = actions.concat(this.reconnect(now, random));
    }
    return actions;
  };

  // A poll has failed or timed out.
  Session.prototype.unreached = function () {
    this.pollAnswered = false;
  };

  // Sets the status that follows from the socket. `tick` sets the one that follows from silence.
  Session.prototype.updateStatus = function (now) {
    if (this.isLive()) return this.setStatus('live');
    if (this.isDenied()) return this.setStatus('silent');
    if (this.line !== 'live') return [];
    this.liveUntil = now;
    return this.setStatus('starting');
  };

  Session.prototype.setStatus = function (line) {
    if (this.line === line) return [];
    this.line = line;
    return [['tell', line, this.currentAt]];
  };

  Doppio.Session = Session;
  Doppio.retryAfter = retryAfter;
})((this.Doppio = this.Doppio || {}));
