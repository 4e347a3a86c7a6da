// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  var NAMES = ["L1", "L2"], STEPS = 200;
  // Room in the drawing, in its own units: axes leave 44 on the left and 40 below.
  var LEFT = 44, RIGHT = 450, TOP = 10, BOTTOM = 216, HIGHEST = 0.6;

  function x(grey) { return LEFT + (RIGHT - LEFT) * grey; }
  function y(loss) { return BOTTOM - ((BOTTOM - TOP) * loss) / HIGHEST; }

  function start(widget) {
    var range = widget.querySelector("input"), svg = widget.querySelector("svg");
    var say = widget.querySelector(".xl-say"), value = widget.querySelector(".xl-value");
    var data = JSON.parse(widget.querySelector(".xl-plot").getAttribute("data-chance"));
    var low = data[0], high = data[1], colours = data.slice(2);

    // Mean loss of drawing one grey, under L1 (power 1) or L2 (power 2).
    function loss(grey, chance, power) {
      return (1 - chance) * Math.pow(Math.abs(grey - low), power) + chance * Math.pow(Math.abs(grey - high), power);
    }

    // The greys from which to which the loss is lowest: the median, the mean.
    function best(chance, power) {
      if (power === 2) { var mean = (1 - chance) * low + chance * high; return [mean, mean]; }
      return [chance <= 0.5 ? low : high, chance < 0.5 ? low : high];
    }

    function axes() {
      var text = "";
      for (var tick = 0; tick <= 10; tick += 2) {
        text += '<path class="xl-tick" d="M' + x(tick / 10) + " " + BOTTOM + 'v5"/><text x="' + x(tick / 10) +
          '" y="' + (BOTTOM + 18) + '" text-anchor="middle">' + tick / 10 + "</text>";
        if (tick / 10 <= HIGHEST) {
          text += '<path class="xl-tick" d="M' + LEFT + " " + y(tick / 10) + 'h-5"/><text x="' + (LEFT - 9) +
            '" y="' + (y(tick / 10) + 4) + '" text-anchor="end">' + tick / 10 + "</text>";
        }
      }
      return (
        '<path class="xl-tick" d="M' + LEFT + " " + TOP + "V" + BOTTOM + "H" + RIGHT + '"/>' + text +
        '<text x="' + x(0.5) + '" y="' + (BOTTOM + 36) + '" text-anchor="middle">grey that G draws</text>' +
        '<text x="12" y="' + y(HIGHEST / 2) + '" text-anchor="middle" transform="rotate(-90 12 ' + y(HIGHEST / 2) +
        ')">mean loss</text>'
      );
    }

    function curve(chance, index) {
      var power = index + 1, path = "", from = best(chance, power)[0], to = best(chance, power)[1];
      for (var i = 0; i <= STEPS; i++) {
        path += (i ? "L" : "M") + x(i / STEPS).toFixed(1) + " " + y(loss(i / STEPS, chance, power)).toFixed(1);
      }
      var lowest = y(loss(from, chance, power)).toFixed(1), key = 210 + 90 * index;
      return (
        '<path class="xl-curve" stroke="' + colours[index] + '"' + (index ? ' stroke-dasharray="7 4"' : "") + ' d="' + path + '"/>' +
        '<path class="xl-best" stroke="' + colours[index] + '" d="M' + x(from).toFixed(1) + " " + lowest + "H" + x(to).toFixed(1) + '"/>' +
        '<path class="xl-curve" stroke="' + colours[index] + '"' + (index ? ' stroke-dasharray="7 4"' : "") + ' d="M' + key + ' 18h26"/>' +
        '<text x="' + (key + 32) + '" y="22">' + NAMES[index] + "</text>"
      );
    }

    function truth(grey, share) {
      var half = 9 * Math.sqrt(share);
      return share ? '<path class="xl-truth" d="M' + x(grey) + " " + (BOTTOM - 2 * half) + "l" + half + " " + 2 * half + "h" + -2 * half + 'z"/>' : "";
    }

    function named(chance, power) {
      var place = best(chance, power), ends = [place[0].toFixed(2), place[1].toFixed(2)];
      return ends[0] === ends[1] ? ends[0] : "anything from " + ends[0] + " to " + ends[1];
    }

    function show() {
      var percent = Number(range.value), chance = percent / 100;
      svg.innerHTML = axes() + truth(low, 1 - chance) + truth(high, chance) + curve(chance, 0) + curve(chance, 1);
      value.textContent = percent + " %";
      range.setAttribute("aria-valuetext", percent + " %");
      say.textContent = "Lowest under L1: " + named(chance, 1) + ". Lowest under L2: " + named(chance, 2) + ".";
    }

    range.value = range.defaultValue; // a browser may remember another from before a reload
    range.addEventListener("input", show);
    widget.classList.add("xl-live");
    show();
  }

  Array.prototype.forEach.call(document.querySelectorAll(".xl-chance:not(.xl-live)"), start);
})();
