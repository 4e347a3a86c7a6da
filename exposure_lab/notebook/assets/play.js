// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  var MID_GREY = 0.5;
  var PSNR_CAP = 60; // dB, for identical pictures
  var SETTLED = 500; // ms without a move, after which the result is put into words

  function each(list, work) { Array.prototype.forEach.call(list, work); }

  // The sRGB curve, IEC 61966-2-1, both ways.
  function toLight(s) { return s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4); }
  function toStored(l) { return l <= 0.0031308 ? 12.92 * l : 1.055 * Math.pow(l, 1 / 2.4) - 0.055; }

  // What `adjust` in play.py makes of each stored value, rounded half up as an 8-bit file does.
  function curve(stops, contrast) {
    var table = new Uint8Array(256);
    for (var code = 0; code < 256; code++) {
      var s = code / 255;
      if (stops !== 0) { s = toStored(Math.min(1, toLight(s) * Math.pow(2, stops))); }
      s = Math.min(1, Math.max(0, MID_GREY + contrast * (s - MID_GREY)));
      table[code] = Math.floor(255 * s + 0.5);
    }
    return table;
  }

  // dB, of two arrays red, green, blue, alpha, 0..255; alpha does not count.
  function psnr(a, b) {
    var sum = 0;
    for (var i = 0; i < a.length; i++) {
      if (i % 4 !== 3) { sum += (a[i] - b[i]) * (a[i] - b[i]); }
    }
    var error = sum / (0.75 * a.length) / (255 * 255);
    return error > 0 ? Math.min(PSNR_CAP, -10 * Math.log10(error)) : PSNR_CAP;
  }

  function read(address, done) {
    var image = new Image();
    image.onload = function () {
      var sheet = document.createElement("canvas");
      sheet.width = image.naturalWidth;
      sheet.height = image.naturalHeight;
      var ink = sheet.getContext("2d", { willReadFrequently: true });
      ink.drawImage(image, 0, 0);
      done(ink.getImageData(0, 0, sheet.width, sheet.height));
    };
    image.src = address;
  }

  function signed(number) {
    return (number < 0 ? "\u2212" : number > 0 ? "+" : "") + Math.abs(number).toFixed(2);
  }

  function start(widget) {
    var find = widget.querySelector.bind(widget);
    var data = JSON.parse(find(".xl-stage").getAttribute("data-play"));
    var images = widget.querySelectorAll("img.xl-picture");
    var scores = widget.querySelectorAll(".xl-score");
    var labels = ["yours", "the network's", "target"];
    var exposure = find(".xl-exposure"), contrast = find(".xl-contrast"), blind = find(".xl-blind");
    var choice = find(".xl-round"), status = find(".xl-status");
    var canvas = document.createElement("canvas"), ink = canvas.getContext("2d");
    var round = 0, shown = null, network = 0, yours = 0, won = {}, waiting = 0;

    each(data.rounds[0], function (at, i) { data.pictures[at] = images[i].src; });
    canvas.className = "xl-picture";
    canvas.setAttribute("role", "img");
    images[0].after(canvas);

    function draw() {
      if (!shown) { return; }
      var table = curve(Number(exposure.value), Number(contrast.value));
      var given = shown[0].data, made = new ImageData(shown[0].width, shown[0].height);
      for (var i = 0; i < given.length; i++) {
        made.data[i] = i % 4 === 3 ? 255 : table[given[i]];
      }
      ink.putImageData(made, 0, 0);
      yours = psnr(made.data, shown[2].data);
      scores[0].textContent = yours.toFixed(1) + " dB";
      scores[1].textContent = network.toFixed(1) + " dB";
    }

    function say() {
      var ahead = Math.round(10 * yours) / 10 - Math.round(10 * network) / 10;
      if (!shown) { return; }
      if (blind.checked) {
        status.textContent = "Blind, like the network: make it look right, then uncheck the box.";
        return;
      }
      if (ahead > 0) { won[round] = true; }
      var beaten = Object.keys(won).length;
      status.textContent =
        (Math.abs(ahead) < 0.05
          ? "You and the network are level."
          : "You are " + Math.abs(ahead).toFixed(1) + " dB " + (ahead > 0 ? "ahead of" : "behind") +
            " the network.") +
        (beaten ? " Beaten so far: " + beaten + " of " + data.rounds.length + " rounds." : "");
    }

    function name(slider, value, spoken) {
      slider.parentNode.querySelector(".xl-value").textContent = value;
      slider.setAttribute("aria-valuetext", spoken);
    }

    function update() {
      var stops = signed(Number(exposure.value)), factor = Number(contrast.value).toFixed(2);
      name(exposure, stops + " EV", stops + " stops");
      name(contrast, "\u00d7 " + factor, factor + " times");
      draw();
      clearTimeout(waiting);
      waiting = setTimeout(say, SETTLED);
    }

    function reset() {
      exposure.value = exposure.defaultValue;
      contrast.value = contrast.defaultValue;
      update();
    }

    function open(chosen) {
      var missing = 3, read_ = [];
      round = chosen;
      shown = null;
      data.rounds[round].forEach(function (at, i) {
        var address = data.pictures[at];
        var alt = widget.getAttribute("aria-label") + ", " + data.names[round] + ": " + labels[i];
        if (images[i].src !== address) { images[i].src = address; }
        images[i].alt = alt;
        if (i === 0) { canvas.setAttribute("aria-label", alt); }
        read(address, function (pixels) {
          read_[i] = pixels;
          missing -= 1;
          if (missing || round !== chosen) { return; }
          shown = read_;
          canvas.width = pixels.width;
          canvas.height = pixels.height;
          network = psnr(shown[1].data, shown[2].data);
          reset();
        });
      });
    }

    exposure.addEventListener("input", update);
    contrast.addEventListener("input", update);
    choice.addEventListener("change", function () { open(choice.selectedIndex); });
    find(".xl-reset").addEventListener("click", reset);
    blind.addEventListener("change", function () {
      widget.classList.toggle("xl-blinded", blind.checked);
      say();
    });
    blind.checked = false; // some browsers remember a form
    choice.selectedIndex = 0;
    widget.classList.add("xl-live");
    open(0);
  }

  each(document.querySelectorAll(".xl-play:not(.xl-live)"), start);
})();
