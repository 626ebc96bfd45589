// Which number is where, and which page of them is shown. Pure: the same numbers at the same time give the same wall.
(function (Doppio) {
  'use strict';

  // What has come to the counter so long ago is no news: no highlight, no chime, no voice.
  Doppio.NEWS = 10000;
  // How long a number is called new.
  Doppio.NEW = 6000;
  // After so long on the counter a number moves to the quiet row. The server's first paint says the same
  // (app/src/pages/display/layout.rs).
  Doppio.LEFT_BEHIND = 300000;

  function oldest(a, b) {
    return a.since - b.since || a.number - b.number;
  }

  // The three lists of the wall: ready newest first, the others oldest first.
  Doppio.sort = function (entries, now) {
    var lists = { ready: [], left: [], preparing: [] };
    entries.forEach(function (entry) {
      var late = now - entry.since > Doppio.LEFT_BEHIND;
      lists[entry.column === 'ready' ? (late ? 'left' : 'ready') : 'preparing'].push(entry);
    });
    lists.ready.sort(function (a, b) {
      return b.since - a.since || a.number - b.number;
    });
    lists.left.sort(oldest);
    lists.preparing.sort(oldest);
    return lists;
  };

  // Turns the pages of one list. In each round every number is shown once for a whole page's time; whoever comes in
  // `news` is put on the page that is shown, at once. Whom that displaces comes first on the next page, so that nobody
  // is passed over, however busy the bar is.
  function Pager() {
    this.page = [];
    this.seen = {};
    this.index = 0;
    this.turnedAt = 0;
  }

  // `size` numbers fit on a page, which stays for `stay` milliseconds; with 0 nothing turns.
  // Returns {shown, page, pages, more}, the pages counted from 1.
  Pager.prototype.turn = function (numbers, news, size, stay, now) {
    var self = this;
    if (numbers.length <= size) {
      self.page = numbers;
      self.seen = {};
      self.index = 0;
      self.turnedAt = now;
      return { shown: numbers, page: 1, pages: 1, more: 0 };
    }
    var there = function (number) {
      return numbers.indexOf(number) >= 0;
    };
    var fresh = news.filter(there).slice(0, size);
    self.page = self.page.filter(there);
    var due = self.page.length === 0 || (stay > 0 && now - self.turnedAt >= stay);
    var first = stay === 0;
    if (first) {
      // Nothing turns: the first page is shown, which has the newest, and how many more there are.
      self.page = [];
      self.seen = {};
      self.index = 0;
      due = false;
    } else if (due) {
      self.page.forEach(function (number) {
        self.seen[number] = true;
      });
      self.page = [];
      self.turnedAt = now;
    }
    var candidates = function () {
      return numbers.filter(function (number) {
        return !self.seen[number] && fresh.indexOf(number) < 0 && self.page.indexOf(number) < 0;
      });
    };
    if (due) {
      if (candidates().length === 0) {
        self.seen = {};
        self.index = 0;
      }
      self.index += 1;
    }
    var wanted = fresh.concat(
      self.page.filter(function (number) {
        return fresh.indexOf(number) < 0;
      })
    );
    // Free places go to those who have waited for their turn, those of this round first.
    wanted = wanted.slice(0, size);
    wanted = wanted.concat(candidates().slice(0, size - wanted.length));
    self.page = wanted;
    var waiting = candidates().length;
    var shown = numbers.filter(function (number) {
      return wanted.indexOf(number) >= 0;
    });
    var page = Math.max(self.index, 1);
    return { shown: shown, page: page, pages: page + Math.ceil(waiting / size), more: numbers.length - shown.length };
  };

  Doppio.Pager = Pager;

  // The text of a catalogue with its places filled in.
  Doppio.fill = function (text, places) {
    return text.replace(/\{(\w+)\}/g, function (whole, name) {
      return name in places ? places[name] : whole;
    });
  };

  // Whether a number has more than three digits.
  Doppio.isLong = function (number) {
    return number > 999;
  };

  // A countdown: 4:07.
  Doppio.countdown = function (millis) {
    var seconds = Math.max(0, Math.ceil(millis / 1000));
    return Math.floor(seconds / 60) + ':' + ('0' + (seconds % 60)).slice(-2);
  };

  // The time on the wall where the screen hangs, by the server's clock: 10:42.
  Doppio.clock = function (millis) {
    var date = new Date(millis);
    return date.getHours() + ':' + ('0' + date.getMinutes()).slice(-2);
  };
})((this.Doppio = this.Doppio || {}));
