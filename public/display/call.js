// Calls: a new number fills the screen for a moment. Only while few numbers are called; otherwise the board must be seen.
// Pure.
(function (Doppio) {
  'use strict';

  // How long a call covers the board, in milliseconds.
  Doppio.CALL = 2500;
  // The most numbers within a minute that are called.
  var FEW = 3;
  var MINUTE = 60000;

  function Calls(wanted) {
    this.wanted = wanted;
    // The times of the calls in the last minute.
    this.past = [];
    this.numbers = [];
    this.calledAt = 0;
  }

  // Calls numbers that have become ready. Returns whether they fill the screen.
  Calls.prototype.call = function (numbers, now) {
    var times = numbers.map(function () {
      return now;
    });
    this.past = this.past.concat(times).filter(function (at) {
      return now - at < MINUTE;
    });
    var few = this.wanted && this.past.length <= FEW;
    this.numbers = few ? this.shown(now).concat(numbers) : [];
    this.calledAt = now;
    return few;
  };

  // The numbers that fill the screen now.
  Calls.prototype.shown = function (now) {
    return now - this.calledAt < Doppio.CALL ? this.numbers : [];
  };

  Doppio.Calls = Calls;
})((this.Doppio = this.Doppio || {}));
