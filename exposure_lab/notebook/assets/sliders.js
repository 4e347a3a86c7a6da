// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  function each(list, work) { Array.prototype.forEach.call(list, work); }

  // Before and after: the divider follows.
  function divide(widget, range) {
    var labels = widget.querySelectorAll(".xl-label");
    return function () {
      var at = Number(range.value);
      widget.style.setProperty("--xl-at", at + "%");
      range.setAttribute(
        "aria-valuetext",
        at + " % " + labels[0].textContent + ", " + (100 - at) + " % " + labels[1].textContent
      );
    };
  }

  // Steps: one picture, or the next one laid over it as a blend.
  function step(widget, range) {
    var panes = widget.querySelectorAll(".xl-pane"), labels = widget.querySelectorAll(".xl-label");
    var names = Array.prototype.map.call(labels, function (label) { return label.textContent; });
    return function () {
      var at = Number(range.value), below = Math.floor(at), share = at - below;
      var name = names[below];
      if (share > 0.001) { name = "blend of " + name + " and " + names[below + 1]; }
      each(panes, function (pane, i) {
        pane.classList.toggle("xl-now", i === below);
        pane.classList.toggle("xl-over", i === below + 1 && share > 0.001);
        pane.style.setProperty("--xl-share", share.toFixed(3));
        labels[i].textContent = i === below ? name : names[i];
      });
      range.setAttribute("aria-valuetext", name);
    };
  }

  // One photo, exposed here.
  function expose(widget, range) {
    var pane = widget.querySelectorAll(".xl-pane")[1], image = pane.querySelector("img");
    var label = pane.querySelector(".xl-label"), alt = widget.getAttribute("aria-label");
    var canvas = document.createElement("canvas"), ink = canvas.getContext("2d"), photo = null;
    canvas.className = "xl-picture";
    canvas.setAttribute("role", "img");

    function show() {
      var stops = Math.round(10 * Number(range.value)) / 10, name = xlTone.signed(stops, 1) + " EV";
      label.textContent = name;
      range.setAttribute("aria-valuetext", name);
      canvas.setAttribute("aria-label", alt + ", " + name);
      if (photo) { ink.putImageData(xlTone.apply(photo, xlTone.curve(stops, 1)), 0, 0); }
    }

    image.decode().then(function () {
      photo = xlTone.pixels(image);
      canvas.width = photo.width;
      canvas.height = photo.height;
      show();
      image.after(canvas); // only now, so that no empty box shows
      pane.classList.add("xl-now");
    });
    return show;
  }

  var kinds = { "xl-ba": divide, "xl-ev": step, "xl-light": expose };
  Object.keys(kinds).forEach(function (kind) {
    each(document.querySelectorAll("." + kind + ":not(.xl-live)"), function (widget) {
      var range = widget.querySelector(".xl-range");
      range.value = range.defaultValue; // a browser may remember another from before a reload
      var show = kinds[kind](widget, range);
      range.addEventListener("input", show);
      widget.classList.add("xl-live");
      show();
    });
  });
})();
