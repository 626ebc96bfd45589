// The layout of the board: which list a number is in, and which page of the list is shown. Pure.
(function (Doppio) {
  'use strict';

  // A number that has been ready for longer is not announced, in milliseconds.
  Doppio.NEWS = 10000;
  // How long a number is marked as new, in milliseconds.
  Doppio.NEW = 6000;
  // A drink that is on the counter for longer counts as not collected, in milliseconds. The same as in the first paint
  // (app/src/pages/display/layout.rs).
  Doppio.LEFT_BEHIND = 300000;

  function oldest(a, b) {
    return a.since - b.since || a.number - b.number;
  }

  // The three lists of the board: ready newest first, the others oldest first.
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

  // Turns the pages of one list. In each round every number is shown for the time of a page. New numbers are put on the
  // shown page at once, and the numbers that they displace come first on the next page.
  function Pager() {
    this.page = [];
    this.seen = {};
    this.index = 0;
    this.turnedAt = 0;
  }

  // `size` numbers fit on a page, which is shown for `stay` milliseconds; with 0 the pages do not turn.
  // Returns {shown, page, pages, more}. Pages are counted from 1.
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
      // Always the first page, which has the newest numbers.
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
    // The other places go to numbers that were not shown in this round.
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

  // Replaces the placeholders of a text.
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

  // A time of the server in the time zone of the screen: 10:42.
  Doppio.clock = function (millis) {
    var date = new Date(millis);
    return date.getHours() + ':' + ('0' + date.getMinutes()).slice(-2);
  };
})((this.Doppio = this.Doppio || {}));
