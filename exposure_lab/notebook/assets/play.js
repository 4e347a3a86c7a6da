// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  var PSNR_CAP = 60; // dB, for identical pictures
  var LABELS = ["yours", "the network's", "target"];

  function each(list, work) { Array.prototype.forEach.call(list, work); }

  // dB, of two arrays red, green, blue, alpha, 0..255; alpha does not count.
  function psnr(a, b) {
    var sum = 0;
    for (var i = 0; i < a.length; i++) {
      if (i % 4 !== 3) { sum += (a[i] - b[i]) * (a[i] - b[i]); }
    }
    var error = sum / (0.75 * a.length) / (255 * 255);
    return error > 0 ? Math.min(PSNR_CAP, -10 * Math.log10(error)) : PSNR_CAP;
  }

  function decibels(score) { return score.toFixed(1) + " dB"; }

  // How many pixels have each value as their brightest channel.
  function histogram(photo) {
    var counts = new Array(256).fill(0), data = photo.data;
    for (var i = 0; i < data.length; i += 4) { counts[Math.max(data[i], data[i + 1], data[i + 2])]++; }
    return counts;
  }

  // What was won, by round, kept where the browser allows it.
  function openRecord(key) {
    var rounds = {}, kept = true;
    try { rounds = JSON.parse(localStorage.getItem(key)) || {}; } catch (_) { kept = false; }
    return {
      of: function (round) { return rounds[round] || (rounds[round] = {}); },
      count: function (how) {
        return Object.keys(rounds).filter(function (round) { return rounds[round][how]; }).length;
      },
      keep: function () {
        try { localStorage.setItem(key, JSON.stringify(rounds)); } catch (_) { kept = false; }
      },
      erase: function () {
        rounds = {};
        try { localStorage.removeItem(key); } catch (_) { kept = false; }
      },
      kept: function () { return kept; },
    };
  }

  function start(widget) {
    var find = widget.querySelector.bind(widget);
    var data = JSON.parse(find(".xl-stage").getAttribute("data-play"));
    var images = widget.querySelectorAll("img.xl-picture");
    var scores = widget.querySelectorAll(".xl-score");
    var exposure = find(".xl-exposure"), contrast = find(".xl-contrast"), sight = find(".xl-sight");
    var choice = find(".xl-round"), status = find(".xl-status"), done = find(".xl-done");
    var again = find(".xl-reset"), erase = find(".xl-erase"), hint = find(".xl-hint canvas");
    var canvas = document.createElement("canvas"), ink = canvas.getContext("2d");
    var record = openRecord("exposure-lab.game." + widget.getAttribute("data-widget"));
    // The round; its pixels; their values; two scores; whether it is over, and whether it was blind.
    var round = 0, shown = null, counts = null, network = 0, yours = 0, over = false, seen = false;

    each(data.rounds[0], function (at, i) { data.pictures[at] = images[i].src; });
    canvas.className = "xl-picture";
    canvas.setAttribute("role", "img");
    images[0].after(canvas);

    function drawHint(table) {
      var bars = hint.getContext("2d"), made = new Array(64).fill(0), i;
      for (i = 0; i < 255; i++) { made[table[i] >> 2] += counts[i]; }
      var white = table[255] >> 2, most = Math.max(counts[255], Math.max.apply(null, made));
      bars.clearRect(0, 0, hint.width, hint.height);
      for (i = 0; i < 64; i++) {
        var plain = Math.sqrt(made[i] / most), all = plain;
        bars.fillStyle = "#c2570c"; // what was white in the photo stands on top
        if (i === white) {
          all = Math.min(1, Math.sqrt((made[i] + counts[255]) / most));
          bars.fillRect(4 * i, hint.height * (1 - all), 4, hint.height * all);
        }
        bars.fillStyle = "#8a8a8a";
        bars.fillRect(4 * i, hint.height * (1 - plain), 3, hint.height * plain);
      }
    }

    function explain() {
      var total = counts.reduce(function (a, b) { return a + b; }, 0);
      var share = Math.round((100 * counts[255]) / total);
      find(".xl-hint figcaption").textContent =
        "How many pixels of your picture are how bright, from black to white. " +
        (share >= 1
          ? share + " % of the photo is at white in some channel (orange). The sliders move all of it " +
            "together, so they can make it darker, but bring back no detail."
          : "Less than 1 % of the photo is at white: at that end, exposure can undo what exposure did.");
    }

    function draw() {
      var stops = xlTone.signed(Number(exposure.value), 2), factor = Number(contrast.value).toFixed(2);
      var open = over || sight.checked, spoken = "";
      if (shown) {
        var table = xlTone.curve(Number(exposure.value), Number(contrast.value));
        var made = xlTone.apply(shown[0], table);
        ink.putImageData(made, 0, 0);
        yours = psnr(made.data, shown[2].data);
        if (open) { spoken = ", " + decibels(yours); }
        drawHint(table);
      }
      scores[0].textContent = open && shown ? decibels(yours) : "";
      scores[1].textContent = over ? decibels(network) : "after Done";
      scores[2].textContent = open ? "" : "after Done";
      widget.classList.toggle("xl-over", over);
      widget.classList.toggle("xl-sighted", open);
      name(exposure, stops + " EV", stops + " stops" + spoken);
      name(contrast, "\u00d7 " + factor, factor + " times" + spoken);
    }

    function name(slider, value, spoken) {
      slider.parentNode.querySelector(".xl-value").textContent = value;
      slider.setAttribute("aria-valuetext", spoken);
    }

    function verdict() {
      var ahead = Math.round(10 * yours) / 10 - Math.round(10 * network) / 10;
      var how = seen ? "by sight" : "blind";
      return (
        "This was " + data.names[round].replace(/-(?=[\d.]+ EV$)/, "\u2212") + ". " +
        (Math.abs(ahead) < 0.05
          ? "You and the network are level."
          : "You are " + decibels(Math.abs(ahead)) +
            (ahead > 0 ? " ahead of the network: won " + how + "." : " behind the network, " + how + "."))
      );
    }

    function say() {
      status.textContent = over
        ? verdict()
        : seen
          ? "By sight: you have seen the target of this round. Bring your score up, then press Done."
          : "Blind, like the network: make the photo look right, then press Done.";
      done.textContent = over ? "Next round" : "Done";
      again.textContent = over ? "Play it again" : "Reset the sliders";
      var blindly = record.count("blind"), sighted = record.count("sight");
      find(".xl-record").textContent =
        "Won of " + data.rounds.length + ": " + blindly + " blind, " + sighted + " by sight" +
        (record.kept() ? "." : ", until you leave this page.");
      erase.hidden = record.count("seen") === 0;
    }

    function describe() {
      each(images, function (image, i) {
        image.alt =
          widget.getAttribute("aria-label") + ", round " + (round + 1) + ": " + LABELS[i] +
          (over ? ", " + data.names[round] : "");
      });
      canvas.setAttribute("aria-label", images[0].alt);
    }

    function finish() {
      var own = record.of(round);
      over = true;
      draw();
      if (Math.round(10 * yours) > Math.round(10 * network)) { own[seen ? "sight" : "blind"] = true; }
      own.seen = true; // who has seen the target once is blind no more
      record.keep();
      describe();
      say();
    }

    function reset() {
      exposure.value = exposure.defaultValue;
      contrast.value = contrast.defaultValue;
      draw();
    }

    function open(chosen) {
      round = chosen;
      choice.selectedIndex = chosen;
      shown = null;
      over = false;
      seen = sight.checked || Boolean(record.of(round).seen);
      widget.classList.remove("xl-ready");
      reset();
      say();
      var addresses = data.rounds[round].map(function (at) { return data.pictures[at]; });
      each(images, function (image, i) { if (image.src !== addresses[i]) { image.src = addresses[i]; } });
      describe();
      Promise.all(Array.prototype.map.call(images, function (image) { return image.decode(); })).then(
        function () {
          if (round !== chosen) { return; }
          shown = Array.prototype.map.call(images, xlTone.pixels);
          canvas.width = shown[0].width;
          canvas.height = shown[0].height;
          network = psnr(shown[1].data, shown[2].data);
          counts = histogram(shown[0]);
          explain();
          draw();
          widget.classList.add("xl-ready");
        },
        function () {} // another round was opened meanwhile
      );
    }

    exposure.addEventListener("input", draw);
    contrast.addEventListener("input", draw);
    choice.addEventListener("change", function () { open(choice.selectedIndex); });
    done.addEventListener("click", function () {
      if (over) { open((round + 1) % data.rounds.length); } else if (shown) { finish(); }
    });
    again.addEventListener("click", function () { if (over) { open(round); } else { reset(); } });
    sight.addEventListener("change", function () {
      seen = seen || (sight.checked && !over);
      draw();
      say();
    });
    erase.addEventListener("click", function () {
      record.erase();
      if (over) { record.of(round).seen = true; }
      say();
      done.focus();
    });
    sight.checked = false; // some browsers remember a form
    widget.classList.add("xl-live");
    open(0);
  }

  each(document.querySelectorAll(".xl-play:not(.xl-live)"), start);
})();
