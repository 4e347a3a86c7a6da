// Runs once per widget, in the page, in Colab's output frame and from a file: no library, no kernel.
(function () {
  function each(list, work) { Array.prototype.forEach.call(list, work); }

  // A head or a row becomes a button only here: without a script it would do nothing.
  function buttonAround(node) {
    var button = document.createElement("button");
    button.type = "button";
    while (node.firstChild) { button.appendChild(node.firstChild); }
    node.appendChild(button);
    return button;
  }

  function start(widget) {
    var table = widget.querySelector("table"), form = widget.querySelector("form");
    var heads = Array.from(table.querySelectorAll("thead th"));
    var claims = Array.from(table.tBodies), count = widget.querySelector(".xl-count");
    var search = form.querySelector("input"), choices = form.querySelectorAll("select");
    var group = widget.getAttribute("data-widget") + "-" + Math.random().toString(36).slice(2);

    // What a claim is sorted by: a number where all have one, else the words. Equal ones keep the
    // report's order, in which `claims` stays.
    function keyOf(claim, column) { return claim.rows[0].cells[column].getAttribute("data-sort"); }
    function compare(a, b, column) {
      var one = keyOf(a, column), other = keyOf(b, column);
      if (!isNaN(one) && !isNaN(other)) { return one - other; }
      return one.localeCompare(other);
    }

    function sortBy(column) {
      var down = heads[column].getAttribute("aria-sort") === "ascending";
      each(heads, function (head) { head.removeAttribute("aria-sort"); });
      heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
      var sorted = claims.slice().sort(function (a, b) {
        return (down ? -1 : 1) * compare(a, b, column) || claims.indexOf(a) - claims.indexOf(b);
      });
      each(sorted, function (claim) { table.appendChild(claim); });
    }

    function filter() {
      var words = search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      each(claims, function (claim) {
        var fits = words.every(function (word) {
          return claim.getAttribute("data-words").indexOf(word) >= 0;
        });
        each(choices, function (choice) {
          var key = "data-" + choice.getAttribute("data-key");
          fits = fits && (!choice.value || claim.getAttribute(key) === choice.value);
        });
        claim.hidden = !fits;
        shown += fits;
      });
      var text = shown + " of " + claims.length + " claims";
      if (count.textContent !== text) { count.textContent = text; }
    }

    function open(claim, button, whether) {
      claim.rows[1].hidden = !whether;
      button.setAttribute("aria-expanded", String(whether));
    }

    each(heads, function (head, column) {
      buttonAround(head).addEventListener("click", function () { sortBy(column); });
    });
    each(claims, function (claim, place) {
      var button = buttonAround(claim.querySelector(".xl-say"));
      claim.rows[1].id = group + "-" + place;
      button.setAttribute("aria-controls", claim.rows[1].id);
      open(claim, button, false);
      button.addEventListener("click", function () { open(claim, button, claim.rows[1].hidden); });
    });
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    form.addEventListener("reset", function () { setTimeout(filter); }); // the fields are empty then
    form.addEventListener("input", filter);
    // Only a page of the book has the other chapters beside it; Colab and Jupyter do not.
    if (!document.documentElement.hasAttribute("data-content_root")) {
      each(widget.querySelectorAll("a"), function (link) { link.replaceWith(link.textContent); });
    }
    form.reset(); // a browser may remember other choices from before a reload
    widget.classList.add("xl-live");
  }

  each(document.querySelectorAll(".xl-ledger:not(.xl-live)"), start);
})();
