// What the theme leaves to repair for those who use a keyboard or a screen reader.
(function () {
  function all(selector, work) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), work);
  }

  // A label that says less than the text beside it keeps a speech user from pressing the button.
  all("button.search-button__button, button.search-button-field", function (button) {
    button.removeAttribute("aria-label");
    if (!button.textContent.trim()) { button.setAttribute("aria-label", "Search"); }
  });
  all("button.theme-switch-button", function (button) {
    button.setAttribute("aria-label", "Colour mode: light, dark or as the system");
    all("button.theme-switch-button .visually-hidden", function (text) { text.remove(); });
  });

  // Logo and search field lie outside of every landmark.
  all(".bd-sidebar-primary", function (bar) {
    bar.setAttribute("role", "region");
    bar.setAttribute("aria-label", "The book");
  });

  // What opens a part of the contents is a bare arrow.
  all(".bd-links summary", function (arrow) {
    var link = arrow.closest("li").querySelector("a");
    arrow.setAttribute("aria-label", "Pages below " + link.textContent.trim());
  });

  // The empty corner of a table is no heading.
  all("th", function (cell) {
    if (cell.textContent.trim()) { return; }
    var plain = document.createElement("td");
    plain.innerHTML = cell.innerHTML;
    cell.replaceWith(plain);
  });

  // What scrolls sideways can be reached and scrolled by keyboard.
  all(".bd-article pre, .bd-article table, .cell_output", function (box) {
    if (box.scrollWidth > box.clientWidth + 1) { box.setAttribute("tabindex", "0"); }
  });
})();
