// Fills the whole screen, at the touch of a button or of the key F: a browser lets no page do so by itself.
(function (Doppio) {
  'use strict';

  // How long the button stays after the last touch.
  var STAYS = 6000;

  // `button` is seen while somebody is at the screen, and only where it can do something. Returns {turn}: fills the
  // screen, or gives it back.
  Doppio.fullScreen = function (button) {
    var root = document.documentElement;
    var fill = root.requestFullscreen || root.webkitRequestFullscreen;
    var leave = document.exitFullscreen || document.webkitExitFullscreen;
    var allowed = document.fullscreenEnabled || document.webkitFullscreenEnabled;
    var kiosk = window.matchMedia('(display-mode: fullscreen)');
    var timer = 0;

    function filled() {
      return document.fullscreenElement || document.webkitFullscreenElement;
    }

    function turn() {
      if (!fill || !allowed) return;
      // Browsers of 2018 return nothing, later ones a promise that fails when they do not want to.
      var done = filled() ? leave.call(document) : fill.call(root);
      if (done && done.catch) done.catch(function () {});
    }

    function hide() {
      button.hidden = true;
    }

    function offer() {
      clearTimeout(timer);
      button.hidden = !fill || !allowed || !!filled() || kiosk.matches;
      timer = setTimeout(hide, STAYS);
    }

    ['mousemove', 'touchstart', 'keydown'].forEach(function (touch) {
      document.addEventListener(touch, offer);
    });
    ['fullscreenchange', 'webkitfullscreenchange'].forEach(function (change) {
      document.addEventListener(change, hide);
    });
    button.addEventListener('click', turn);
    return { turn: turn };
  };
})((this.Doppio = this.Doppio || {}));
