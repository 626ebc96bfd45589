// Full screen, with a button or the key F. Browsers allow it only after a user gesture.
(function (Doppio) {
  'use strict';

  // How long the button is shown after the last user input, in milliseconds.
  var STAYS = 6000;

  // Shows `button` after user input, if full screen is possible. Returns {turn}, which toggles full screen.
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
      // Browsers of 2018 return nothing, later ones a promise.
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
