// A figure that is shown smaller than it is leads to its picture alone, which a phone can enlarge.
(function () {
  function lead(image) {
    if (image.closest("a, .xl-widget") || image.naturalWidth < 1.3 * image.clientWidth) { return; }
    var link = document.createElement("a");
    link.href = image.src;
    link.className = "xl-alone";
    link.title = "Show the picture alone";
    image.replaceWith(link);
    link.appendChild(image);
  }

  window.addEventListener("load", function () {
    Array.prototype.forEach.call(document.querySelectorAll(".bd-article figure img"), lead);
  });
})();
