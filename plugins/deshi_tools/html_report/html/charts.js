// Charts are drawn when they come into view or nothing else is to do, and again when what they show changes.

const drawn = [];

// `draw(width)` returns [caption, sub-caption, picture], or null where there is nothing to show.
function chart(id, draw) {
  const one = { figure: byId(id), draw, stale: true, seen: false };
  drawn.push(one);
  watching.observe(one.figure);
  resizing.observe(one.figure.parentElement);
}

const watching = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const one = drawn.find((other) => other.figure === entry.target);
    one.seen = entry.isIntersecting;
    if (one.seen) refresh(one);
  }
}, { rootMargin: "600px" });

const resizing = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const width = Math.round(entry.contentRect.width);
    if (entry.target.dataset.width === String(width)) continue;
    entry.target.dataset.width = width;
    drawn.filter((one) => one.figure.parentElement === entry.target).forEach(outdate);
  }
});

function outdate(one) {
  one.stale = true;
  if (one.seen) refresh(one);
}

function outdateAll() {
  drawn.forEach(outdate);
}

function outdateChart(id) {
  drawn.filter((one) => one.figure.id === id).forEach(outdate);
}

function refresh(one) {
  if (!one.stale) return;
  one.stale = false;
  const found = one.draw(Math.max(280, Math.min(one.figure.clientWidth || 640, 1300)));
  one.figure.hidden = !found;
  if (!found) return;
  const [caption, more, picture] = found;
  if (picture instanceof SVGElement) picture.setAttribute("aria-label", `${caption}. ${more}`);
  one.figure.replaceChildren(make("figcaption", {}, caption, make("span", { class: "small" }, more)), picture);
}

function drawAll() {
  drawn.forEach(refresh);
}

// One chart at a time, so that the page answers between them.
function drawWhenIdle() {
  const next = drawn.find((one) => one.stale && one.figure.offsetParent);
  if (!next) return;
  const draw = () => {
    refresh(next);
    drawWhenIdle();
  };
  if ("requestIdleCallback" in window) requestIdleCallback(draw, { timeout: 1000 });
  else setTimeout(draw, 50);
}

// What all charts have in common.
function plot(options) {
  return Plot.plot({ style: { background: "transparent", color: "var(--text)", fontFamily: "inherit", fontSize: "12px", overflow: "visible" }, ...options });
}

// An axis at the top, with its label over it.
function topAxis(label, width, more = {}) {
  return { label, axis: "top", labelAnchor: "center", labelOffset: 36, grid: true, ticks: width < 500 ? 4 : 8, ...more };
}

const TIP = { fill: "var(--back)", stroke: "var(--dim)", fontSize: 12 };

function kindColour(point) {
  return point.chosen ? "var(--accent)" : point.baseline ? "var(--dim)" : "var(--text)";
}

// The rows that something gave, without the baselines that are made of other answers.
function realRows() {
  return valuedRows(state.group).filter((at) => !["oracle", "ceiling", "shuffled"].includes(record.rows[at].cell.student));
}

// The rows of the chosen group as points of a chart.
function points(rows, x) {
  return rows.map((at) => {
    const [low, high] = endsOf(at) || [null, null];
    return { at, x: x(at), y: valueOf(at), low, high, name: rowName(at), baseline: record.rows[at].baseline, chosen: at === state.row };
  }).filter((point) => point.x !== null && point.x !== undefined);
}

// Points with their intervals, and names where there are few.
function scatterMarks(found, tip) {
  const few = found.length <= 14 ? found : found.filter((point) => point.chosen || point.baseline);
  const low = few.filter((point) => few.some((other) => other !== point && isCloseAbove(point, other, found)));
  const name = (dy) => ({ x: "x", y: "y", text: "name", textAnchor: "start", dx: 8, dy, fill: kindColour });
  return [
    Plot.text(few.filter((point) => !low.includes(point)), name(-8)),
    Plot.text(low, name(10)),
    Plot.ruleX(found.filter((p) => p.low !== null), { x: "x", y1: "low", y2: "high", stroke: kindColour, strokeOpacity: 0.6 }),
    Plot.dot(found, { x: "x", y: "y", r: 5, fill: (p) => (p.baseline ? "var(--back)" : kindColour(p)), stroke: kindColour }),
    Plot.tip(found, Plot.pointer({ x: "x", y: "y", title: tip, ...TIP })),
  ];
}

// Whether a name above this point would run into the name of another.
function isCloseAbove(point, other, found) {
  const span = (key) => d3.max(found, (p) => p[key]) - d3.min(found, (p) => p[key]) || 1;
  const [dx, dy] = [(other.x - point.x) / span("x"), (other.y - point.y) / span("y")];
  return Math.abs(dx) < 0.25 && dy >= 0 && dy < 0.12 && (dy > 0 || other.at < point.at);
}

function scoreText(point) {
  return `${point.name}\n${primary.name} ${fixed(point.y)} ${interval(point.low === null ? null : [point.low, point.high])}`;
}

function startTradeoffs() {
  chart("diversity", diversity);
  chart("cost", cost);
  chart("learning", learning);
  chart("reliability", reliability);
  whenChosen(outdateAll);
}

function diversity(width) {
  const name = "effective-emoji";
  const found = points(realRows(), (at) => valueOf(at, name));
  if (!found.length) return null;
  const gold = state.group.gold[name];
  const picture = plot({
    width, height: 340, marginRight: 90, marginBottom: 42,
    x: { label: "effective number of emoji predicted →", domain: [0, Math.max(gold || 0, ...found.map((p) => p.x)) * 1.05] },
    y: { label: `↑ ${primary.name}`, zero: true, grid: true },
    marks: [
      gold ? Plot.ruleX([gold], { stroke: "var(--gold)", strokeDasharray: "4 3" }) : null,
      gold ? Plot.text([gold], { x: (d) => d, text: () => "gold", frameAnchor: "top", dx: 5, textAnchor: "start", fill: "var(--gold)" }) : null,
      ...scatterMarks(found, (p) => `${scoreText(p)}\n${fixed(p.x, 1)} effective emoji`),
    ],
  });
  return ["Accuracy against diversity", "Left of the gold's line: less diverse than the labels. A score that comes with collapse is worth less. Lines: 95 % intervals of the score. Hollow: baselines.", picture];
}

function cost(width) {
  const paid = record.rows.some((row) => row.cost > 0);
  const key = paid ? "cost" : "seconds";
  const each = (row) => (paid ? row[key] : row[key] / Math.max(1, row.seeds));
  const found = points(realRows(), (at) => (record.rows[at][key] > 0 ? each(record.rows[at]) : null));
  if (!found.length) return null;
  const unit = paid ? "cost, USD" : "seconds per training run";
  const picture = plot({
    width, height: 340, marginRight: 90, marginBottom: 42,
    x: { type: "log", label: `${unit} (log scale) →`, domain: [d3.min(found, (p) => p.x) / 1.5, d3.max(found, (p) => p.x) * 1.5], ticks: 5, tickFormat: "~g" },
    y: { label: `↑ ${primary.name}`, zero: true, grid: true },
    marks: scatterMarks(found, (p) => `${scoreText(p)}\n${paid ? `${p.x.toFixed(4)} USD` : duration(p.x)}`),
  });
  const what = paid ? "What was paid for the row." : "Seconds of all stages of one training run, mean over runs, on the machine that ran them.";
  return [paid ? "Cost against quality" : "Time against quality", `Up and to the left is better. ${what}`, picture];
}

// What rows of one curve have in common: all but the chain, which is what changes how much is learned from.
function curveName(cell) {
  const axes = ["teacher", "student", "loss"].filter((axis) => axis !== "teacher" || record.axes.includes(axis));
  return axes.map((axis) => cell[axis]).filter(Boolean).join("/");
}

// Rows that differ in the number of training texts alone are points of one curve.
function learning(width) {
  const curved = ["constant", "knn"], made = ["ceiling"]; // what a curve is read beside
  const student = (p) => record.rows[p.at].cell.student;
  const all = points(valuedRows(state.group), (at) => record.rows[at].train || 0);
  const found = all.filter((p) => p.x && (!p.baseline || curved.includes(student(p))));
  const rules = all.filter((p) => p.baseline && made.includes(student(p)));
  const curves = d3.group(found, (p) => curveName(record.rows[p.at].cell));
  const several = [...curves].filter(([, line]) => new Set(line.map((p) => p.x)).size > 1);
  if (!several.some(([, line]) => !line[0].baseline)) return null;
  const lines = several.flatMap(([curve, line]) => line.sort((a, b) => a.x - b.x).map((p) => ({ ...p, curve })));
  const ends = several.map(([curve, line]) => ({ ...line[line.length - 1], curve }));
  const picture = plot({
    width, height: 340, marginRight: 130, marginBottom: 42,
    x: { type: "log", label: "training texts (log scale) →", ticks: [...new Set(lines.map((p) => p.x))], tickFormat: "~s" },
    y: { label: `↑ ${primary.name}`, zero: true, grid: true },
    marks: [
      Plot.ruleY(rules, { y: "y", stroke: "var(--gold)", strokeDasharray: "4 3" }),
      Plot.text(rules, { y: "y", text: student, frameAnchor: "right", dx: 9, textAnchor: "start", fill: "var(--dim)" }),
      Plot.line(lines.filter((p) => !p.baseline), { x: "x", y: "y", z: "curve", stroke: "var(--dim)" }),
      Plot.line(lines.filter((p) => p.baseline), { x: "x", y: "y", z: "curve", stroke: "var(--dim)", strokeDasharray: "2 3" }),
      Plot.text(ends, { x: "x", y: "y", text: "curve", textAnchor: "start", dx: 9, fill: "var(--dim)" }),
      ...scatterMarks(lines, (p) => `${scoreText(p)}\n${p.x} training texts`).slice(2),
    ],
  });
  return ["Learning curves", "A curve that still rises would gain from more labels. Dashed: baselines; hollow: their points.", picture];
}

function reliability(width) {
  const rows = state.group.rows.filter((at) => record.reliability[at]);
  if (!rows.length) return null;
  const bins = rows.flatMap((at) => record.reliability[at].map(([x, y, n]) => ({ x, y, n, at, name: rowName(at), chosen: at === state.row })));
  const own = bins.filter((bin) => bin.chosen);
  const lasts = rows.map((at) => ({ ...bins.findLast((bin) => bin.at === at), name: record.rows[at].name }));
  const size = Math.min(width, 560), room = Math.min(150, size * 0.3);
  const picture = plot({
    width: size, height: (size - room) * 0.9 + 60, marginBottom: 42, marginTop: 30, marginRight: room,
    x: { label: "score of an emoji →", labelAnchor: "left", domain: [0, 1] },
    y: { label: "↑ share of these that were right", domain: [0, 1], grid: true },
    r: { type: "identity" },
    marks: [
      Plot.line([[0, 0], [1, 1]], { stroke: "var(--gold)", strokeDasharray: "4 3" }),
      Plot.line(bins, { x: "x", y: "y", z: "at", stroke: "var(--dim)", strokeOpacity: 0.5 }),
      Plot.line(own, { x: "x", y: "y", stroke: "var(--accent)", strokeWidth: 2 }),
      ...lineNames(lasts),
      Plot.dot(own, { x: "x", y: "y", fill: "var(--accent)", r: (bin) => 2 + Math.log10(bin.n) * 1.6 }),
      Plot.tip(bins, Plot.pointer({ x: "x", y: "y", title: (b) => `${b.name}\nscore about ${fixed(b.x, 2)}: ${share(b.y, 1)} right\n${b.n} scores`, ...TIP })),
    ],
  });
  const who = own.length ? `Blue: ${rowName(state.row)}, larger dots are more scores. ` : `${rowName(state.row)} has no scores. `;
  return ["Reliability: are scores calibrated?", `${who}On the dashed line, an emoji with score 0.3 is right in 30 % of cases. Pale: the other rows, named beside their last points. First training run.`, picture];
}

// Names at the right edge, as far down as is needed to keep them apart, each tied to the end of its line.
function lineNames(lasts) {
  const apart = 0.055;
  const ends = [...lasts].sort((a, b) => b.y - a.y).map((last) => ({ ...last, side: last.y }));
  ends.forEach((end, at) => { if (at) end.side = Math.min(end.side, ends[at - 1].side - apart); });
  const colour = (end) => (end.chosen ? "var(--accent)" : "var(--dim)");
  return [
    Plot.link(ends, { x1: "x", y1: "y", x2: 1.02, y2: "side", stroke: colour, strokeDasharray: "1 3" }),
    Plot.text(ends, { x: 1.03, y: "side", text: "name", textAnchor: "start", fill: colour, fontWeight: (end) => (end.chosen ? 700 : 400) }),
  ];
}
