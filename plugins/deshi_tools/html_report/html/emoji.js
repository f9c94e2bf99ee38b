// Gold against predicted emoji, and the confusion matrix.

const emojiView = { order: "gold", size: 15 };
const SIZES = [["10", "10"], ["15", "15"], ["25", "25"], ["40", "40"]];

function startEmoji() {
  byId("emoji-tools").append(
    select("Emoji shown", [["gold", "most frequent in the gold"], ["given", "most frequent in the predictions"], ["excess", "most overused"], ["missed", "most missed"]],
      emojiView.order, (order) => emojiChange({ order }), "emoji-order"),
    select("How many", SIZES, "15", (size) => emojiChange({ size: Number(size) }), "emoji-size"),
  );
  chart("frequency", frequency);
  chart("confusion", confusion);
}

function emojiChange(part) {
  Object.assign(emojiView, part);
  outdateChart("frequency");
  outdateChart("confusion");
}

// For each emoji: in how many texts it is wanted, given, and right; of several references the first counts.
function emojiCounts(at) {
  const gold = goldOf(state.group), counts = new Map();
  const count = (character) => {
    if (!counts.has(character)) counts.set(character, { character, emoji: emojiOf(character), gold: 0, given: 0, hits: 0 });
    return counts.get(character);
  };
  answersOf(at).forEach((answer, text) => {
    const wanted = distinct(gold[text].split(OR)[0]), given = distinct(answer);
    wanted.forEach((character) => (count(character).gold += 1));
    given.forEach((character) => (count(character).given += 1));
    given.filter((character) => wanted.includes(character)).forEach((character) => (count(character).hits += 1));
  });
  return [...counts.values()];
}

const ORDERS = {
  gold: (one) => one.gold,
  given: (one) => one.given,
  excess: (one) => one.given - one.gold,
  missed: (one) => one.gold - one.hits,
};

function shownEmoji(at) {
  const by = ORDERS[emojiView.order];
  return emojiCounts(at).sort((a, b) => by(b) - by(a) || b.gold - a.gold || (a.emoji < b.emoji ? -1 : 1)).slice(0, emojiView.size);
}

function frequency(width) {
  if (!answersOf(state.row)) return noAnswers("Emoji frequency: gold against predictions");
  const found = shownEmoji(state.row);
  const picture = plot({
    width, height: 76 + 24 * found.length, marginLeft: 44, marginTop: 48, marginRight: 30, style: emojiStyle(),
    x: topAxis("test texts →", width, { zero: true, tickFormat: "~s" }),
    y: { label: null, domain: found.map((one) => one.emoji), tickSize: 0 },
    marks: [
      Plot.axisY({ fontSize: 17, fontFamily: "var(--emoji)", tickSize: 0, label: null }),
      Plot.link(found, { x1: "gold", x2: "given", y: "emoji", stroke: "var(--dim)", strokeWidth: 2 }),
      Plot.dot(found, { x: "gold", y: "emoji", r: 6, fill: "var(--back)", stroke: "var(--gold)", strokeWidth: 2.5 }),
      Plot.dot(found, { x: "given", y: "emoji", r: 4, fill: "var(--accent)" }),
      Plot.tip(found, Plot.pointerY({ x: "given", y: "emoji", title: emojiTip, ...TIP })),
    ],
  });
  return ["Emoji frequency: gold against predictions", `Ring: texts whose gold has it. Blue: texts for which ${rowName(state.row)} predicts it. Blue far to the right: overused.`, picture];
}

function emojiTip(one) {
  return `${one.emoji}\nin the gold of ${one.gold} texts\npredicted for ${one.given}\nright for ${one.hits}`;
}

function emojiStyle() {
  return { background: "transparent", color: "var(--text)", fontFamily: "inherit", fontSize: "13px", overflow: "visible" };
}

function noAnswers(title) {
  if (!answered) return null;
  const why = record.rows[state.row].status === "ok" ? "was derived from other predictions, or its predictions were removed" : "has none";
  return [title, `${rowName(state.row)} has no predictions of its own to show: it ${why}. Choose another row above.`, make("span")];
}

// Of the texts that want an emoji: how many got it, and which wrong ones were answered where it is missing.
function confusionCells(at, shown) {
  const gold = goldOf(state.group), places = new Set(shown.map((one) => one.character)), cells = new Map();
  const add = (wanted, given) => cells.set(wanted + given, (cells.get(wanted + given) || 0) + 1);
  answersOf(at).forEach((answer, text) => {
    const wanted = distinct(gold[text].split(OR)[0]), given = distinct(answer);
    const wrong = given.filter((character) => !wanted.includes(character) && places.has(character));
    for (const one of wanted.filter((character) => places.has(character))) {
      if (given.includes(one)) add(one, one);
      else wrong.forEach((character) => add(one, character));
    }
  });
  return shown.flatMap((row) => shown.map((column) => {
    const count = cells.get(row.character + column.character) || 0;
    return { gold: row.emoji, given: column.emoji, count, total: row.gold, share: row.gold ? count / row.gold : 0, same: row === column };
  })).filter((cell) => cell.count);
}

function confusion(width) {
  if (!answersOf(state.row)) return noAnswers("Confusion matrix");
  const shown = shownEmoji(state.row).filter((one) => one.gold || one.given), names = shown.map((one) => one.emoji);
  const size = Math.min(width, 640), cells = confusionCells(state.row, shown);
  const fontSize = Math.min(18, (size - 60) / names.length - 2);
  const picture = plot({
    width: size, height: size, marginLeft: 44, marginTop: 56, marginBottom: 10, marginRight: 10, style: emojiStyle(),
    x: { domain: names, label: "predicted →", axis: null }, y: { domain: names, label: null, axis: null },
    opacity: { type: "sqrt", domain: [0, 1], range: [0.08, 1] },
    marks: [
      Plot.axisX({ anchor: "top", fontSize, fontFamily: "var(--emoji)", tickSize: 0, label: null }),
      Plot.axisY({ fontSize, fontFamily: "var(--emoji)", tickSize: 0, label: null }),
      Plot.text(["predicted →"], { frameAnchor: "top", dy: -44 }),
      Plot.text(["↓ gold"], { frameAnchor: "top-left", dy: -44, dx: -40 }),
      Plot.frame({ stroke: "var(--line)" }),
      Plot.cell(cells, { x: "given", y: "gold", fill: (c) => (c.same ? "var(--good)" : "var(--bad)"), fillOpacity: "share", inset: 0.5 }),
      Plot.tip(cells, Plot.pointer({ x: "given", y: "gold", title: confusionTip, ...TIP })),
    ],
  });
  return ["Confusion matrix", `Green, on the diagonal: share of the texts with this gold for which ${rowName(state.row)} predicts it. Red: the wrong emoji predicted where it was missed.`, picture];
}

function confusionTip(cell) {
  const what = cell.same ? "predicted" : `missed, predicted ${cell.given}`;
  return `Gold ${cell.gold}: ${cell.total} texts\n${cell.count} (${share(cell.count, cell.total)}) ${what}`;
}
