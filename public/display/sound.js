// The chime and the voice of the wall. Browsers mute a page until the first user gesture.
(function (Doppio) {
  'use strict';

  // Three rising notes, 0.9 seconds in all: the frequency in hertz, and the start in seconds.
  var NOTES = [
    [659.25, 0],
    [783.99, 0.16],
    [1046.5, 0.32],
  ];
  var RING = 0.58;
  // The delay of the voice after the chime, in milliseconds.
  var BREATH = 900;

  // Calls `says(muted)` when the page is muted or unmuted by the browser.
  function Sound(chimes, phrases, says) {
    this.chimes = chimes;
    this.phrases = phrases;
    this.says = says;
    this.context = null;
    this.waiting = [];
    this.speaking = false;
    if (chimes) this.begin();
  }

  Sound.prototype.begin = function () {
    var self = this;
    var Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) {
      self.says(true);
      return;
    }
    self.context = new Context();
    self.context.onstatechange = function () {
      self.says(!self.awake());
    };
    self.says(!self.awake());
  };

  Sound.prototype.awake = function () {
    return !!this.context && this.context.state === 'running';
  };

  // To be called in the handler of a click or a key, as browsers require.
  Sound.prototype.unlock = function () {
    if (this.context && !this.awake()) this.context.resume();
  };

  Sound.prototype.chime = function () {
    if (!this.chimes) return;
    if (!this.awake()) {
      this.says(true);
      return;
    }
    var context = this.context;
    NOTES.forEach(function (note) {
      var from = context.currentTime + note[1];
      var tone = context.createOscillator();
      var loudness = context.createGain();
      tone.type = 'triangle';
      tone.frequency.value = note[0];
      loudness.gain.setValueAtTime(0.0001, from);
      loudness.gain.exponentialRampToValueAtTime(0.5, from + 0.02);
      loudness.gain.exponentialRampToValueAtTime(0.0001, from + RING);
      tone.connect(loudness);
      loudness.connect(context.destination);
      tone.start(from);
      tone.stop(from + RING);
    });
  };

  // Announces these numbers, one after the other, in each language.
  Sound.prototype.call = function (numbers) {
    var self = this;
    if (!window.speechSynthesis || self.phrases.length === 0) return;
    numbers.forEach(function (number) {
      self.phrases.forEach(function (phrase) {
        self.waiting.push({ lang: phrase.lang, text: Doppio.fill(phrase.say, { number: number }) });
      });
    });
    if (self.speaking) return;
    self.speaking = true;
    setTimeout(function () {
      self.next();
    }, self.chimes ? BREATH : 0);
  };

  Sound.prototype.next = function () {
    var self = this;
    var phrase = self.waiting.shift();
    self.speaking = !!phrase;
    if (!phrase) return;
    var words = new SpeechSynthesisUtterance(phrase.text);
    words.lang = phrase.lang;
    words.rate = 0.9;
    var over = false;
    var after = function () {
      if (over) return;
      over = true;
      clearTimeout(patience);
      self.next();
    };
    // Some engines never fire the end event.
    var patience = setTimeout(after, 8000);
    words.onend = words.onerror = after;
    window.speechSynthesis.speak(words);
  };

  Doppio.Sound = Sound;
})((this.Doppio = this.Doppio || {}));
