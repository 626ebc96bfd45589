// The board on a wall.
(function (Doppio) {
  'use strict';

  var start = JSON.parse(Doppio.byId('start').textContent);
  var words = start.words;
  var root = document.documentElement;
  var upright = window.matchMedia('(max-aspect-ratio: 1/1)');
  var byId = Doppio.byId;
  var put = Doppio.put;
  var topics = start.topics;
  var clock = null;
  // When each new number became ready, by the steady clock.
  var cameAt = {};
  // The numbers that were ready at the last update. Null before the first.
  var wasReady = null;
  var pagers = { ready: new Doppio.Pager(), left: new Doppio.Pager(), preparing: new Doppio.Pager() };
  var held = false;
  var calls = new Doppio.Calls(start.call);
  var sound = new Doppio.Sound(start.sound, start.voice ? start.phrases : [], function (muted) {
    byId('muted').hidden = !muted;
  });

  function steady() {
    return window.performance.now();
  }

  function numbersOf(entries) {
    return entries.map(function (entry) {
      return entry.number;
    });
  }

  // Shows these numbers in a list, without moving elements that stay.
  function list(id, numbers, make) {
    var parent = byId(id);
    var there = {};
    Array.prototype.slice.call(parent.children).forEach(function (item) {
      var number = Number(item.getAttribute('data-number'));
      if (numbers.indexOf(number) < 0) parent.removeChild(item);
      else there[number] = item;
    });
    numbers.forEach(function (number, place) {
      var item = there[number];
      if (!item) {
        item = document.createElement('li');
        item.setAttribute('data-number', number);
        make(item, number);
      }
      if (parent.children[place] !== item) parent.insertBefore(item, parent.children[place] || null);
      if (parent.id === 'ready') item.classList.toggle('new', isNew(number));
    });
  }

  function digits(element, number) {
    element.className = Doppio.isLong(number) ? 'number long' : 'number';
    element.textContent = number;
  }

  function plain(item, number) {
    digits(item, number);
  }

  function tile(item, number) {
    item.className = 'tile';
    var label = document.createElement('span');
    label.className = 'new-word';
    label.textContent = words.new;
    var span = document.createElement('span');
    digits(span, number);
    item.appendChild(label);
    item.appendChild(span);
  }

  function isNew(number) {
    return number in cameAt && steady() - cameAt[number] < Doppio.NEW;
  }

  // Announces numbers that have become ready, except those that became ready long ago without a connection.
  function notice(entries, now) {
    var ready = {};
    var news = [];
    entries.forEach(function (entry) {
      if (entry.column !== 'ready') return;
      ready[entry.number] = true;
      var age = now - entry.since;
      if (wasReady === null ? age < Doppio.NEW : !wasReady[entry.number] && age < Doppio.NEWS) {
        cameAt[entry.number] = steady() - (wasReady === null ? Math.max(0, age) : 0);
        if (wasReady !== null) news.push(entry.number);
      }
    });
    Object.keys(cameAt).forEach(function (number) {
      if (!ready[number] || !isNew(number)) delete cameAt[number];
    });
    wasReady = ready;
    if (news.length > 0) {
      sound.chime();
      sound.call(news);
      // Ends the call in time, not only at the next tick.
      if (calls.call(news, steady())) setTimeout(show, Doppio.CALL);
    }
  }

  function turn(id, entries, grid) {
    var news = numbersOf(entries).filter(isNew);
    var size = grid[0] * grid[1];
    var stay = held ? Infinity : start.stay;
    var result = pagers[id].turn(numbersOf(entries), news, size, stay, steady());
    var label = '';
    if (start.stay === 0 && result.more > 0) label = Doppio.fill(words.more, { number: result.more });
    else if (result.pages > 1) label = result.page + ' / ' + result.pages + (held ? ' ' + words.held : '');
    put(id + '-page', label);
    return result.shown;
  }

  function layoutOf(board, shop) {
    if (board.length > 0) return 'board';
    return { open: 'idle', paused: 'paused', closed: 'closed' }[shop.state.state] || 'idle';
  }

  function show() {
    if (!clock) return;
    var now = clock.now();
    var board = topics.board.state.is;
    var shop = topics.shop.state.is;
    var state = shop.state;
    var grids = upright.matches ? start.grids.tall : start.grids.wide;
    notice(board, now);

    var layout = layoutOf(board, shop);
    ['board', 'idle', 'paused', 'closed'].forEach(function (name) {
      byId('layout-' + name).hidden = name !== layout;
    });
    byId('stage').setAttribute('data-layout', layout);
    Array.prototype.forEach.call(document.querySelectorAll('.shop-name'), function (each) {
      if (each.textContent !== shop.name) each.textContent = shop.name;
    });
    note(state, now);
    if (layout === 'paused') {
      put('reason', reasonOf(state));
      put('until', untilOf(state, now));
    }
    put('clock', Doppio.clock(now));
    var called = calls.shown(steady());
    byId('call').hidden = called.length === 0;
    byId('called').classList.toggle('some', called.length > 1);
    byId('called').classList.toggle('long', called.some(Doppio.isLong));
    put('called', called.join(' '));

    var lists = Doppio.sort(board, now);
    var large = grids.large[0] * grids.large[1];
    var compact = lists.ready.length > large;
    byId('ready').classList.toggle('compact', compact);
    list('ready', turn('ready', lists.ready, compact ? grids.compact : grids.large), tile);
    var roomy = lists.preparing.length <= grids.roomy[0] * grids.roomy[1];
    byId('preparing').classList.toggle('roomy', roomy);
    list('preparing', turn('preparing', lists.preparing, roomy ? grids.roomy : grids.preparing), plain);
    list('left', turn('left', lists.left, grids.left), plain);
    byId('left-behind').hidden = lists.left.length === 0;
    byId('aside').hidden = lists.left.length > 0;
    byId('strip').classList.toggle('full', lists.left.length > 0);
    byId('nothing-ready').hidden = lists.ready.length > 0;
    byId('ready').hidden = lists.ready.length === 0;
    byId('next-up').hidden = lists.preparing.length === 0;
    put('next-number', lists.preparing.length > 0 ? String(lists.preparing[0].number) : '');
  }

  function reasonOf(state) {
    return words.reasons[state.reason] || state.reason || '';
  }

  function untilOf(state, now) {
    if (!state.until || state.until <= now) return '';
    return Doppio.fill(words.again_in, { time: Doppio.countdown(state.until - now) });
  }

  // Replaces "Scan to order" while the bar takes no orders, in each language.
  function note(state, now) {
    var open = state.state === 'open';
    byId('scan').hidden = !open;
    byId('note').hidden = open;
    if (open) return;
    var says = state.until > now ? words.notes.until : words.notes.open_end;
    Array.prototype.forEach.call(byId('note').querySelectorAll('.say'), function (each, place) {
      var text = Doppio.fill(says[place] || '', { time: Doppio.countdown(state.until - now) });
      if (each.textContent !== text) each.textContent = text;
    });
  }

  function line(name, heardAt) {
    var silent = name === 'silent';
    root.setAttribute('data-line', name);
    // Empty otherwise, so that a screen reader announces it.
    Array.prototype.forEach.call(document.querySelectorAll('#stale [data-say]'), function (each) {
      var say = each.getAttribute('data-say');
      each.textContent = silent ? Doppio.fill(say, { time: Doppio.clock(heardAt) }) : '';
    });
    put('line', { starting: words.starting, live: words.live, slow: words.slow, silent: words.silent }[name]);
  }

  var fullScreen = Doppio.fullScreen(byId('fill'));
  document.addEventListener('keydown', function (event) {
    sound.unlock();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'p' || event.key === 'P') {
      held = !held;
      show();
    }
    if (event.key === 'f' || event.key === 'F') fullScreen.turn();
  });
  document.addEventListener('click', function () {
    sound.unlock();
  });

  clock = Doppio.connect(start, {
    show: function (all) {
      topics = all;
      show();
    },
    line: line,
    tick: show,
  });
  root.setAttribute('data-alive', '');
  Doppio.stayAwake();
  show();
})((this.Doppio = this.Doppio || {}));
