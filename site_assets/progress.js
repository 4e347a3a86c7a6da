// A reader's own answers, kept in this browser alone: a field and a tick at each exercise, a count
// at the top of its chapter and on the first page. Where nothing may be stored, nothing is shown.
(function () {
  var ANSWERS = "exposure-lab.answers"; // {"05.confident": {answer: "2.3", done: true}}
  var EXERCISES = "exposure-lab.exercises"; // {"05": 6}, of the chapters that were opened

  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }

  function make(tag, className, text) {
    var element = document.createElement(tag);
    element.className = className;
    if (text) { element.textContent = text; }
    return element;
  }

  function read(key) {
    var stored = null;
    try { stored = JSON.parse(localStorage.getItem(key)); } catch (_) {} // another program's
    return stored && typeof stored === "object" ? stored : {};
  }

  function write(key, change) {
    var stored = read(key); // anew each time, since another tab may have written
    change(stored);
    try { localStorage.setItem(key, JSON.stringify(stored)); } catch (_) {} // full
  }

  function mayStore() {
    try {
      localStorage.setItem("exposure-lab.probe", "1");
      localStorage.removeItem("exposure-lab.probe");
      return true;
    } catch (_) { return false; }
  }

  function doneIn(chapter) {
    var answers = read(ANSWERS);
    return Object.keys(answers).filter(function (id) {
      return id.indexOf(chapter + ".") === 0 && answers[id] && answers[id].done;
    }).length;
  }

  // "ex-05-confident" is question 05.confident.
  function idOf(box) {
    var match = /^ex-(\d\d)-(.+)$/.exec(box.id);
    return match && match[1] + "." + match[2];
  }

  function addAnswer(box, id, changed) {
    var caption = box.querySelector(".caption-number");
    var title = caption ? caption.textContent.trim() : "Exercise " + id;
    var row = make("div", "xl-answer"), details = make("details", ""), field = make("textarea", "");
    var summary = make("summary", "", "My answer"), preview = make("span", "xl-preview");
    var label = make("label", ""), tick = make("input", "");
    field.rows = 4;
    field.setAttribute("aria-label", "My answer to " + title);
    tick.type = "checkbox";
    summary.append(make("span", "visually-hidden", " to " + title), preview);
    tick.setAttribute("aria-label", "Done: " + title);
    label.append(tick, " Done");
    details.append(summary, field);
    row.append(details, label);
    box.append(row);

    function show() {
      var kept = read(ANSWERS)[id] || {};
      if (document.activeElement !== field) { field.value = kept.answer || ""; }
      tick.checked = Boolean(kept.done);
      preview.textContent = kept.answer ? ": " + kept.answer : "";
    }

    function keep() {
      write(ANSWERS, function (answers) {
        if (field.value || tick.checked) { answers[id] = { answer: field.value, done: tick.checked }; }
        else { delete answers[id]; }
      });
      changed();
    }

    field.addEventListener("input", keep);
    tick.addEventListener("change", keep);
    return show;
  }

  function download() {
    var file = { book: document.title.split(/ [\u2014\u2013|] /).pop(), answers: read(ANSWERS) };
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2) + "\n"], { type: "application/json" }));
    link.download = "answers.json";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
  }

  function startChapter(boxes) {
    var chapter = idOf(boxes[0]).slice(0, 2), shows = [];
    var bar = make("div", "xl-progress"), count = make("span", "");
    var save = make("button", "", "Export answers"), erase = make("button", "", "Erase answers");

    function show() {
      shows.forEach(function (one) { one(); });
      count.textContent = doneIn(chapter) + " of " + boxes.length + " done";
      save.disabled = erase.disabled = Object.keys(read(ANSWERS)).length === 0;
    }

    boxes.forEach(function (box) { shows.push(addAnswer(box, idOf(box), show)); });
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "My progress");
    count.setAttribute("role", "status");
    save.type = erase.type = "button";
    save.addEventListener("click", download);
    erase.addEventListener("click", function () {
      if (!confirm("Erase the answers and ticks of all chapters that this browser keeps?")) { return; }
      localStorage.removeItem(ANSWERS);
      show();
    });
    bar.append(count, save, erase);
    document.querySelector(".bd-article h1").after(bar);
    write(EXERCISES, function (numbers) { numbers[chapter] = boxes.length; });
    addEventListener("storage", show); // another tab
    addEventListener("pageshow", show);
    show();
  }

  // A list of chapters, whatever its markup: a list, a table or a grid with links to three or more.
  function startList() {
    var pattern = /(?:^|\/)(\d\d)_\w+\.html$/, numbers = read(EXERCISES), taken = {};

    function chapterOf(link) { var match = pattern.exec(link.pathname || ""); return match && match[1]; }

    all(".bd-article a[href]").forEach(function (link) {
      var chapter = chapterOf(link), list = link.closest("ul, ol, table, .sd-row");
      if (!chapter || taken[chapter] || !list || !numbers[chapter] || !doneIn(chapter)) { return; }
      var others = all("a[href]", list).map(chapterOf).filter(Boolean);
      if (new Set(others).size < 3) { return; }
      taken[chapter] = true;
      var item = link.closest("li, tr, .sd-card") || link.parentNode;
      var place = item.querySelector(".sd-card-body") || item.querySelector("td:last-child, p:last-of-type") || item;
      place.append(" ", make("span", "xl-done", doneIn(chapter) + " of " + numbers[chapter] + " done"));
    });
  }

  var boxes = all("div.exercise").filter(idOf);
  if (!mayStore()) {
    document.documentElement.classList.add("xl-unkept");
  } else if (boxes.length) {
    startChapter(boxes);
  } else if (/\/(index\.html)?$/.test(location.pathname)) {
    startList();
  }
})();
