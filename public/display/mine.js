// The board on a guest's phone: all numbers without pages. Only changes of the guest's own number are announced.
(function (Doppio) {
  'use strict';

  var start = JSON.parse(Doppio.byId('start').textContent);
  var words = start.words;
  var root = document.documentElement;
  var mine = start.mine;
  var clock = null;
  var topics = start.topics;
  // The last place of the guest's number.
  var was = null;
  var byId = Doppio.byId;
  var put = Doppio.put;

  function list(id, entries) {
    var wanted = entries
      .map(function (entry) {
        return entry.number;
      })
      .join(' ');
    var parent = byId(id);
    // Only if the list changes, because a screen reader may be reading it.
    if (parent.getAttribute('data-shows') === wanted) return;
    parent.setAttribute('data-shows', wanted);
    parent.textContent = '';
    entries.forEach(function (entry) {
      var item = document.createElement('li');
      item.className = 'number' + (entry.number === mine ? ' own' : '') + (Doppio.isLong(entry.number) ? ' long' : '');
      item.textContent = entry.number;
      parent.appendChild(item);
    });
    byId(id + '-none').hidden = entries.length > 0;
  }

  function placeOf(lists) {
    return ['ready', 'left', 'preparing'].filter(function (place) {
      return lists[place].some(function (entry) {
        return entry.number === mine;
      });
    })[0];
  }

  function show() {
    if (!clock) return;
    var lists = Doppio.sort(topics.board.state.is, clock.now());
    list('ready', lists.ready);
    list('preparing', lists.preparing);
    list('left', lists.left);
    byId('left-behind').hidden = lists.left.length === 0;
    if (mine) follow(placeOf(lists) || 'gone');
  }

  function follow(place) {
    if (place === was) return;
    var card = byId('mine-card');
    card.setAttribute('data-place', place);
    // The place at the time of loading is not announced.
    if (was !== null) byId('said').textContent = words.places[place];
    put('mine-state', words.places[place]);
    if (was === 'preparing' && place === 'ready' && navigator.vibrate) navigator.vibrate([300, 150, 300]);
    document.title = words.titles[place];
    was = place;
  }

  function line(name, heardAt) {
    var text = { silent: Doppio.fill(words.stale, { time: Doppio.clock(heardAt) }), slow: words.slow }[name] || '';
    root.setAttribute('data-line', name);
    put('stale', text);
    byId('stale').hidden = text === '';
    put('line', name === 'live' ? words.live : '');
  }

  clock = Doppio.connect(start, {
    show: function (all) {
      topics = all;
      show();
    },
    line: line,
    tick: show,
  });
  root.setAttribute('data-alive', '');
  show();
})((this.Doppio = this.Doppio || {}));
