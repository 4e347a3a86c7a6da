// A figure that is shown smaller than it is leads to its picture alone, which a phone can enlarge.
(function () {
  function shown(box) {
    return Array.prototype.find.call(box.querySelectorAll("img"), function (image) {
      return image.clientWidth > 0;
    });
  }

  // A figure has a picture for each theme, of which one is shown; any other picture stands alone.
  function lead(box) {
    var image = box.matches("img") ? box : shown(box);
    if (!image || image.closest("a, .xl-widget")) { return; }
    var width = image.naturalWidth || Number(image.getAttribute("width"));
    if (width < 1.3 * image.clientWidth) { return; }
    var link = document.createElement("a");
    link.className = "xl-alone";
    link.title = "Show the picture alone";
    link.href = image.src;
    ["pointerenter", "focus", "click"].forEach(function (event) {
      link.addEventListener(event, function () { link.href = (shown(link) || image).src; });
    });
    box.replaceWith(link);
    link.appendChild(box);
  }

  window.addEventListener("load", function () {
    var boxes = document.querySelectorAll(".bd-article .xl-figure, .bd-article figure img");
    Array.prototype.forEach.call(boxes, function (box) {
      if (!box.parentElement.closest(".xl-figure")) { lead(box); }
    });
  });
})();
