// The test texts: found by search, ordered, and only those in view are in the page.

const shelf = { query: "", show: "all", order: "corpus", rows: [], found: [], active: 0, folded: {} };
const SHOW = [["all", "all texts"], ["none", "without a right emoji (chosen row)"], ["allmiss", "that every row misses"], ["differ", "where the rows shown disagree"],
  ...Object.keys(record.tags).map((tag) => [tag, `${tag.replaceAll("-", " ")} (chosen row)`])];
const ORDER = [["corpus", "as in the corpus"], ["worst", "worst first (chosen row)"], ["best", "best first (chosen row)"], ["hardest", "hardest first (all rows)"]];

function startTexts() {
  tellMissing();
  byId("texts-tools").append(
    search("Find in text, id or gold emoji", (query) => shelve({ query }), "texts-search"),
    select("Show", SHOW, shelf.show, (show) => shelve({ show }), "texts-show"),
    select("Order", ORDER, shelf.order, (order) => shelve({ order }), "texts-order"),
  );
  byId("texts-tools").addEventListener("submit", (event) => event.preventDefault());
  const list = byId("texts-list");
  list.addEventListener("scroll", () => requestAnimationFrame(drawTexts), { passive: true });
  list.addEventListener("keydown", moveByKey);
  list.addEventListener("click", (event) => openRow(event.target.closest(".texts-row")));
  new ResizeObserver(drawTexts).observe(list);
  whenChosen(regroup);
  regroup();
}

function tellMissing() {
  const gone = record.missing;
  byId("texts-missing").hidden = !gone.length;
  byId("texts-missing").textContent = `Predictions that were removed from the workspace since the run, and are missing here: ${gone.join("; ")}.`;
}

// Take up the texts of the chosen group, and the rows whose answers stand beside them.
function regroup() {
  const rows = answeringRows(state.group);
  const most = window.innerWidth < 700 ? 2 : 4;
  const first = [state.row, ...rows].filter((at) => rows.includes(at));
  if (shelf.group !== state.group || !shelf.rows.includes(state.row)) shelf.rows = [...new Set(first)].slice(0, most);
  shelf.group = state.group;
  offerRows(rows);
  shelve({});
}

function offerRows(rows) {
  const boxes = rows.map((at) => check(rowName(at), shelf.rows.includes(at), (on) => {
    shelf.rows = rows.filter((other) => (other === at ? on : shelf.rows.includes(other)));
    shelve({});
  }));
  const all = make("button", { type: "button", onclick: () => { shelf.rows = rows; offerRows(rows); shelve({}); } }, "All");
  byId("texts-checks").replaceChildren(...boxes, all);
}

function shelve(part) {
  Object.assign(shelf, part);
  shelf.found = answered && goldOf(state.group) ? orderTexts(filterTexts()) : [];
  shelf.active = 0;
  byId("texts-list").scrollTop = 0;
  byId("texts-list").style.setProperty("--columns", shelf.rows.length);
  byId("texts-head").style.setProperty("--columns", shelf.rows.length);
  byId("texts-list").setAttribute("aria-rowcount", shelf.found.length);
  byId("texts-head").replaceChildren(...["text", "gold", ...shelf.rows.map(rowName)].map((name) => make("span", {}, name)));
  const all = answered && goldOf(state.group) ? goldOf(state.group).length : 0;
  const rows = answeringRows(state.group).length;
  byId("texts-count").textContent = `${shelf.found.length.toLocaleString("en")} of ${all.toLocaleString("en")} texts`;
  byId("texts-beside").textContent = all ? `Beside each text: the gold and the predictions of ${shelf.rows.length} of ${rows} rows. Click a text to see it whole, with all predictions.` : "";
  drawTexts();
}

function folded(text) {
  return text.normalize("NFKC").toLowerCase();
}

function foldedTexts(group) {
  if (!shelf.folded[group.id]) shelf.folded[group.id] = answered.sets[group.id].texts.map(folded);
  return shelf.folded[group.id];
}

function filterTexts() {
  const texts = foldedTexts(state.group), gold = goldOf(state.group), ids = answered.sets[state.group.id].ids;
  const words = folded(shelf.query.trim()), emoji = characterOf(shelf.query.trim());
  const test = filterFor(shelf.show);
  return texts.map((_, at) => at).filter((at) =>
    (!words || texts[at].includes(words) || ids[at] === shelf.query.trim() || (emoji && gold[at].includes(emoji))) && test(at));
}

function filterFor(show) {
  const students = answeringRows(state.group).filter((at) => !record.rows[at].baseline);
  if (show === "none" && answersOf(state.row)) return (text) => agreementOf(state.row)[text] === 0;
  if (show === "allmiss" && students.length) return (text) => students.every((at) => agreementOf(at)[text] === 0);
  if (show === "differ") return (text) => new Set(shelf.rows.map((at) => distinct(answersOf(at)[text]).sort().join(""))).size > 1;
  if (show in record.tags && answersOf(state.row)) return (text) => tagsOf(state.row, text).includes(show);
  return () => true;
}

function orderTexts(found) {
  const students = answeringRows(state.group).filter((at) => !record.rows[at].baseline);
  const own = answersOf(state.row) ? (text) => agreementOf(state.row)[text] : null;
  const mean = (text) => students.reduce((sum, at) => sum + agreementOf(at)[text], 0);
  const by = { worst: own, best: own && ((text) => -own(text)), hardest: students.length ? mean : null }[shelf.order];
  if (!by) return found;
  const keys = new Map(found.map((text) => [text, by(text)]));
  return found.sort((a, b) => keys.get(a) - keys.get(b) || a - b);
}

function rowHeight() {
  return window.matchMedia("(max-width: 44rem)").matches ? 128 : 56;
}

// Only the rows in view, and a few on either side, are elements.
function drawTexts() {
  const list = byId("texts-list"), height = rowHeight();
  const first = Math.max(0, Math.floor(list.scrollTop / height) - 4);
  const last = Math.min(shelf.found.length, Math.ceil((list.scrollTop + list.clientHeight) / height) + 4);
  const rows = shelf.found.slice(first, last).map((text, at) => textRow(text, first + at, height));
  const room = make("div", { style: `height:${shelf.found.length * height}px`, role: "presentation" });
  list.replaceChildren(room, ...rows);
  const active = rows.find((row) => Number(row.dataset.at) === shelf.active);
  if (active) list.setAttribute("aria-activedescendant", active.id);
}

function textRow(text, at, height) {
  const set = answered.sets[state.group.id];
  const cells = [
    make("span", { lang: "ja", role: "gridcell" }, ...marked(set.texts[text])),
    make("span", { class: "emoji", role: "gridcell" }, make("span", { class: "label" }, "gold "), goldText(goldOf(state.group)[text])),
    ...shelf.rows.map((row) => make("span", { class: "emoji", role: "gridcell" }, make("span", { class: "label" }, `${rowName(row)} `), answerText(row, text))),
  ];
  const kind = at === shelf.active ? "texts-row active" : "texts-row";
  return make("div", { class: kind, id: `text-row-${at}`, role: "row", "aria-rowindex": at + 1, "data-at": at, style: `top:${at * height}px` }, ...cells);
}

// A text with the words that were looked for marked.
function marked(text) {
  const words = shelf.query.trim(), at = words ? text.indexOf(words) : -1;
  return at < 0 ? [text] : [text.slice(0, at), make("mark", {}, words), text.slice(at + words.length)];
}

function goldText(gold) {
  return gold.split(OR).map((reference) => [...reference].map(emojiOf).join("")).join(" / ");
}

function answerText(row, text) {
  const answer = answersOf(row)[text], gold = goldOf(state.group)[text];
  if (!answer) return make("span", { class: "none" }, "none");
  return make("span", { class: "emoji" }, ...[...answer].map((character) => {
    if (character === OTHER) return make("span", { class: "none" }, " non-emoji ");
    return make("span", { class: gold.includes(character) ? "hit" : "wrong" }, emojiOf(character));
  }));
}

function moveByKey(event) {
  const page = Math.max(1, Math.floor(byId("texts-list").clientHeight / rowHeight()) - 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  if (event.key === "Enter" && shelf.found.length) showText(shelf.active);
  else if (!(event.key in steps)) return;
  else activate(shelf.active + steps[event.key]);
  event.preventDefault();
}

function activate(at) {
  const list = byId("texts-list"), height = rowHeight();
  shelf.active = Math.min(Math.max(0, at), shelf.found.length - 1);
  const top = shelf.active * height;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  drawTexts();
}

function openRow(row) {
  if (row) showText(Number(row.dataset.at));
}

// The whole text with the answers of every row, best first.
function showText(at) {
  activate(at);
  const text = shelf.found[shelf.active], set = answered.sets[state.group.id], box = byId("text");
  const rows = answeringRows(state.group).map((row) => ({ row, agreement: agreementOf(row)[text] })).sort((a, b) => b.agreement - a.agreement);
  const source = set.sources && set.sources[text] !== set.texts[text] ? make("p", { class: "small", lang: "ja" }, `Before rewriting: ${set.sources[text]}`) : null;
  box.replaceChildren(
    make("div", { class: "buttons" }, dialogButton("Previous", () => showText(shelf.active - 1)), dialogButton("Next", () => showText(shelf.active + 1)), dialogButton("Close", () => box.close())),
    make("p", { class: "quote", lang: "ja", id: "text-title" }, set.texts[text]),
    ...(source ? [source] : []),
    make("p", {}, `Gold: ${goldText(goldOf(state.group)[text])}`, make("span", { class: "small" }, `   id ${set.ids[text]}`)),
    plainTable(["row", "prediction (first run)", "agreement", "tags"], rows.map(({ row, agreement }) => [rowName(row), answerText(row, text), fixed(agreement, 2), tagsOf(row, text).join(", ")])),
  );
  if (!box.open) box.showModal();
}

function dialogButton(name, act) {
  return make("button", { type: "button", onclick: () => {
    act();
    [...byId("text").querySelectorAll("button")].find((button) => button.textContent === name)?.focus();
  } }, name);
}

// On paper: the first texts of what is shown.
function printTexts() {
  if (!shelf.found.length) return;
  const set = answered.sets[state.group.id], gold = goldOf(state.group);
  const rows = shelf.found.slice(0, 30).map((text) => [set.texts[text], goldText(gold[text]), ...shelf.rows.map((row) => answerText(row, text))]);
  byId("texts-print").replaceChildren(
    make("p", {}, `The first ${rows.length} of ${shelf.found.length} texts.`),
    plainTable(["text", "gold", ...shelf.rows.map(rowName)], rows));
}
