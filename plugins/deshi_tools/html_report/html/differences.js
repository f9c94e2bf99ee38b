// The forest plot: every row minus one of the reader's choice, at first the best of the group.

const contrast = { against: null, question: "retrained-models" };
const QUESTIONS = {
  "retrained-models": "retrained models on new texts",
  "fixed-models": "these fixed models on new texts",
};

function startDifferences() {
  chart("forest", forest);
  whenChosen(() => offerReferences());
  offerReferences();
}

function offerReferences() {
  const rows = valuedRows(state.group);
  if (!rows.includes(contrast.against)) contrast.against = rows.find((at) => record.rows[at].id === state.group.best) ?? constantOf(state.group) ?? rows[0] ?? null;
  byId("differences-tools").replaceChildren(
    select("Compared with", rows.map((at) => [String(at), rowName(at)]), String(contrast.against), (value) => contrastWith({ against: Number(value) }), "against"),
    select("Asking about", Object.entries(QUESTIONS), contrast.question, (question) => contrastWith({ question }), "question"),
  );
  lead();
}

function contrastWith(part) {
  Object.assign(contrast, part);
  lead();
  outdateChart("forest");
}

function lead() {
  const left = "Baselines derived from other rows' predictions are not tested and left out.";
  const side = primary.direction === "lower" ? "Left" : "Right";
  byId("differences-lead").textContent = contrast.against === null ? "No row has a score." :
    `Each line is the 95 % interval of a row's ${primary.name} minus that of ${rowName(contrast.against)}. ${side} of 0 is ` +
    "better. Filled: significant (p ≤ 0.05 after Holm's correction: over the rows that have this majority baseline, else over all pairs). Hollow: not significant. A small bar: not tested. " + left;
}

function forestPoints() {
  const found = record.differences[contrast.question][contrast.against] || {};
  const shown = state.group.rows.filter((at) => found[at] && (found[at][1] !== null || !record.rows[at].baseline));
  return shown.map((at) => {
    const [value, low, high, p, least, reason] = found[at];
    const clear = p !== null && p <= 0.05;
    return { at, name: rowName(at), value, low, high, p, least, reason, clear, baseline: record.rows[at].baseline, chosen: at === state.row };
  }).sort((a, b) => (isBetter(a.value - b.value) ? -1 : 1));
}

function forest(width) {
  const found = forestPoints();
  if (!found.length) return null;
  const tested = found.filter((p) => p.p !== null);
  const colour = (p) => (!p.clear ? "var(--dim)" : isBetter(p.value) ? "var(--good)" : "var(--bad)");
  const picture = plot({
    width, height: 90 + 22 * found.length, marginLeft: Math.min(230, width * 0.4), marginRight: 70, marginTop: 50,
    x: topAxis(`${primary.name} − ${rowName(contrast.against)} →`, width, { tickFormat: (d) => (d ? signed(d, 2) : "0") }),
    y: { label: null, domain: found.map((p) => p.name), tickSize: 0 },
    marks: [
      Plot.ruleX([0], { stroke: "var(--text)" }),
      Plot.ruleY(found.filter((p) => p.low !== null), { y: "name", x1: "low", x2: "high", stroke: colour, strokeWidth: 2.5 }),
      Plot.tickX(found.filter((p) => p.p === null), { x: "value", y: "name", stroke: "var(--dim)", strokeWidth: 2 }),
      Plot.dot(tested, { x: "value", y: "name", r: 5, fill: (p) => (p.clear ? colour(p) : "var(--back)"), stroke: colour, strokeWidth: 2 }),
      Plot.text(found, { y: "name", text: (p) => (p.p === null ? "" : `p ${pText(p.p)}`), frameAnchor: "right", dx: 62, textAnchor: "end", fill: colour }),
      Plot.tip(found, Plot.pointerY({ x: "value", y: "name", title: forestTip, ...TIP })),
    ],
  });
  return ["Differences with their 95 % intervals", QUESTIONS[contrast.question], picture];
}

function forestTip(point) {
  const ends = point.low === null ? "no interval" : `[${signed(point.low)}, ${signed(point.high)}]`;
  const test = point.p === null ? `no test: ${point.reason}` : `p ${pText(point.p)}`;
  const least = point.least ? `\nthis test detects ${fixed(point.least)} at 80 % power` : "";
  return `${point.name}\n${signed(point.value)} ${ends}\n${test}${least}`;
}
