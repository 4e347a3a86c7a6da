// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  function each(list, work) { Array.prototype.forEach.call(list, work); }

  each(document.querySelectorAll(".xl-ba:not(.xl-live), .xl-ev:not(.xl-live)"), function (widget) {
    var range = widget.querySelector(".xl-range");
    var panes = widget.querySelectorAll(".xl-pane");
    var labels = widget.querySelectorAll(".xl-pane .xl-label");
    var steps = widget.classList.contains("xl-ev");

    function show() {
      var at = Number(range.value);
      if (steps) {
        each(panes, function (pane, i) { pane.classList.toggle("xl-now", i === at); });
        range.setAttribute("aria-valuetext", labels[at].textContent);
      } else {
        widget.style.setProperty("--xl-at", at + "%");
        range.setAttribute(
          "aria-valuetext",
          at + " % " + labels[0].textContent + ", " + (100 - at) + " % " + labels[1].textContent
        );
      }
    }

    range.addEventListener("input", show);
    widget.classList.add("xl-live");
    show();
  });
})();
