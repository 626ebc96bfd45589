function () {
  var replaced = [];
  function restore(text, font) {
    ['nodeValue', 'parentNode', 'remove'].forEach(function (name) { delete text[name]; });
    if (font.parentNode) font.parentNode.replaceChild(text, font);
  }
  function follow(text, font) {
    function back() {
      restore(text, font);
      return text;
    }
    if (replaced) replaced.push(back);
    Object.defineProperties(text, {
      nodeValue: { configurable: true, get: function () { return text.data; }, set: function (value) { back().nodeValue = value; } },
      parentNode: { configurable: true, get: function () { return back().parentNode; } },
      remove: { configurable: true, value: function () { back().remove(); } }
    });
  }
  function isFont(node) {
    return node && node.nodeName === 'FONT';
  }
  function look(record) {
    [].forEach.call(record.removedNodes, function (node) {
      var font = [record.addedNodes[0], record.previousSibling, record.nextSibling].filter(isFont)[0];
      if (node.nodeType === 3 && font && !node.parentNode) follow(node, font);
    });
  }
  if (window.MutationObserver) new MutationObserver(function (records) { records.forEach(look); }).observe(document, { childList: true, subtree: true });
  addEventListener('hydrating', function () {
    if (replaced) replaced.forEach(function (back) { back(); });
    replaced = null;
  });
}
