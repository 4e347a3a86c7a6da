// The sRGB curve and what a slider does to stored values, as `adjust` in exposure_game.py has it.
var xlTone = (function () {
  var MID_GREY = 0.5;

  // IEC 61966-2-1, both ways.
  function toLight(s) { return s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4); }
  function toStored(l) { return l <= 0.0031308 ? 12.92 * l : 1.055 * Math.pow(l, 1 / 2.4) - 0.055; }

  // What becomes of each stored value, rounded half up as an 8-bit file does.
  function curve(stops, contrast) {
    var table = new Uint8ClampedArray(256);
    for (var code = 0; code < 256; code++) {
      var s = code / 255;
      if (stops !== 0) { s = toStored(Math.min(1, toLight(s) * Math.pow(2, stops))); }
      s = Math.min(1, Math.max(0, MID_GREY + contrast * (s - MID_GREY)));
      table[code] = Math.floor(255 * s + 0.5);
    }
    return table;
  }

  // Pixels of an image that has been loaded, as ImageData.
  function pixels(image) {
    var sheet = document.createElement("canvas");
    sheet.width = image.naturalWidth;
    sheet.height = image.naturalHeight;
    var ink = sheet.getContext("2d", { willReadFrequently: true });
    ink.drawImage(image, 0, 0);
    return ink.getImageData(0, 0, sheet.width, sheet.height);
  }

  // Every colour of `given` sent through a table; alpha stays.
  function apply(given, table) {
    var made = new ImageData(given.width, given.height), from = given.data, to = made.data;
    for (var i = 0; i < from.length; i += 4) {
      to[i] = table[from[i]];
      to[i + 1] = table[from[i + 1]];
      to[i + 2] = table[from[i + 2]];
      to[i + 3] = from[i + 3];
    }
    return made;
  }

  // "+1.5", with a true minus sign.
  function signed(number, digits) {
    var text = Math.abs(number).toFixed(digits);
    return (Number(text) === 0 ? "" : number < 0 ? "\u2212" : "+") + text;
  }

  return { curve: curve, pixels: pixels, apply: apply, signed: signed };
})();
