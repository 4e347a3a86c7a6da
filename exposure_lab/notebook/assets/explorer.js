// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  var MINUS = "\u2212", TIMES = "\u00d7";

  function each(list, work) { Array.prototype.forEach.call(list, work); }
  function clamp(value, low, high) { return Math.min(high, Math.max(low, value)); }

  // Tenths of a logit, one signed byte each, row by row.
  function decode(text) {
    var bytes = atob(text), values = new Int8Array(bytes.length);
    for (var i = 0; i < bytes.length; i++) { values[i] = bytes.charCodeAt(i); }
    return values;
  }

  function start(widget) {
    var find = widget.querySelector.bind(widget);
    var panes = find(".xl-panes"), sides = widget.querySelectorAll(".xl-side");
    var maps = JSON.parse(panes.getAttribute("data-maps"));
    var size = panes.getAttribute("data-size").split(" ").map(Number); // height, width
    var pictures = widget.querySelectorAll(".xl-verdicts"), choices = widget.querySelectorAll("input");
    var shade = find(".xl-shade"), edge = find(".xl-edge"), dot = find(".xl-dot"), say = find(".xl-say");
    var now = 0, at = [0, 0]; // the map, and the logit's row and column

    function counts() { return [maps[now].rows, maps[now].columns]; }

    // First and last pixel that the logit depends on along one side, within the picture.
    function seen(index, side) {
      var one = maps[now], first = one.first + one.step * index;
      return [Math.max(first, 0), Math.min(first + one.field - 1, side - 1)];
    }

    // The logit whose field has its centre nearest to a pixel.
    function nearest(pixel, count) { return clamp(Math.floor(pixel / maps[now].step) - 1, 0, count - 1); }

    function show() {
      var one = maps[now], rows = seen(at[0], size[0]), columns = seen(at[1], size[1]);
      var hole =
        "M" + columns[0] + " " + rows[0] + "V" + (rows[1] + 1) + "H" + (columns[1] + 1) + "V" + rows[0] + "Z";
      shade.setAttribute("d", "M0 0H" + size[1] + "V" + size[0] + "H0Z" + hole);
      edge.setAttribute("d", hole);
      dot.style.top = (100 * one.step * (at[0] + 1.5)) / size[0] + "%";
      dot.style.left = (100 * one.step * (at[1] + 1.5)) / size[1] + "%";
      dot.style.height = (100 * one.step) / size[0] + "%";
      dot.style.width = (100 * one.step) / size[1] + "%";
      each(pictures, function (picture, i) { picture.classList.toggle("xl-now", i === now); });
      var value = one.values[at[0] * one.columns + at[1]] / 10;
      var text =
        "Logit in row " + at[0] + ", column " + at[1] + " of " + one.rows + " " + TIMES + " " + one.columns +
        ": " + (value > 0 ? "+" : value < 0 ? MINUS : "") + Math.abs(value).toFixed(1) + ", that is " +
        (100 / (1 + Math.exp(-value))).toFixed(0) + " % real. It sees rows " + rows[0] + " to " + rows[1] +
        " and columns " + columns[0] + " to " + columns[1] + ".";
      if (rows[1] - rows[0] + 1 < one.field || columns[1] - columns[0] + 1 < one.field) {
        text +=
          " Its square of " + one.field + " px reaches beyond the border; there each layer reads the " +
          "mirror image of what lies inside.";
      }
      if (say.textContent !== text) { say.textContent = text; }
    }

    function choose(row, column) {
      var most = counts();
      at = [clamp(row, 0, most[0] - 1), clamp(column, 0, most[1] - 1)];
      show();
    }

    function point(event) {
      var box = event.currentTarget.getBoundingClientRect(), most = counts();
      choose(
        nearest(((event.clientY - box.top) / box.height) * size[0], most[0]),
        nearest(((event.clientX - box.left) / box.width) * size[1], most[1])
      );
    }

    function press(event) {
      var step = event.shiftKey ? 5 : 1;
      var moves = {
        ArrowUp: [at[0] - step, at[1]],
        ArrowDown: [at[0] + step, at[1]],
        ArrowLeft: [at[0], at[1] - step],
        ArrowRight: [at[0], at[1] + step],
        Home: [at[0], 0],
        End: [at[0], maps[now].columns - 1],
      };
      if (!moves[event.key] || event.ctrlKey || event.altKey || event.metaKey) { return; }
      event.preventDefault();
      choose.apply(null, moves[event.key]);
    }

    // Another map: stay at the same place of the picture.
    function change(chosen) {
      var place = at.map(function (index) { return maps[now].step * (index + 1.5); });
      now = chosen;
      choose(nearest(place[0], maps[now].rows), nearest(place[1], maps[now].columns));
    }

    each(maps, function (one) { one.values = decode(one.logits); });
    // Two widgets may show the same, and their buttons must not switch each other off.
    var group = widget.getAttribute("data-widget") + "-" + Math.random();
    each(choices, function (choice, i) {
      choice.name = group;
      choice.checked = choice.defaultChecked; // a browser may remember another from before a reload
      if (choice.checked) { now = i; }
      choice.addEventListener("change", function () { change(i); });
    });
    each(sides, function (side) {
      side.addEventListener("pointermove", point);
      side.addEventListener("pointerdown", point);
      side.addEventListener("dragstart", function (event) { event.preventDefault(); });
    });
    sides[0].addEventListener("keydown", press);
    widget.classList.add("xl-live");
    choose(maps[now].rows >> 1, maps[now].columns >> 1);
  }

  each(document.querySelectorAll(".xl-rf:not(.xl-live)"), start);
})();
