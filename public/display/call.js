// A number that has just come to the counter, over the whole screen for a moment. Only while few are called: in a rush the
// board itself must be seen. Pure: the same calls at the same times give the same.
(function (Doppio) {
  'use strict';

  // How long a call covers the board.
  Doppio.CALL = 2500;
  // So many numbers within a minute are few.
  var FEW = 3;
  var MINUTE = 60000;

  function Calls(wanted) {
    this.wanted = wanted;
    // When each number of the last minute was called.
    this.past = [];
    this.numbers = [];
    this.calledAt = 0;
  }

  // These numbers have just become ready. Returns whether they fill the screen.
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

  // What fills the screen now; mostly nothing.
  Calls.prototype.shown = function (now) {
    return now - this.calledAt < Doppio.CALL ? this.numbers : [];
  };

  Doppio.Calls = Calls;
})((this.Doppio = this.Doppio || {}));
