// From the corpus to the training pairs: what each stage dropped, and why.

const STEP = { total: "var(--dim)", dropped: "var(--bad)", surplus: "var(--gold)", kept: "var(--good)" };

function startData() {
  const near = record.notes.filter((note) => note.startsWith("near-test:"));
  byId("near-test").textContent = near.length ? near.join(" ") :
    "near-test: no training or validation text was a near-duplicate of a test text.";
  record.waterfall.forEach((stage, at) => {
    byId("waterfalls").append(make("div", {}, make("figure", { id: `waterfall-${at}` })));
    chart(`waterfall-${at}`, (width) => waterfall(stage, width));
  });
}

// Bars that start where the one before ended.
function waterfallSteps(stage) {
  let left = 0;
  return stage.steps.map(([kind, label, count]) => {
    if (kind === "total") left = count;
    const [end, start] = kind === "total" ? [count, 0] : [left, left - count];
    if (kind !== "total") left -= count;
    return { kind, label, count, start, end };
  });
}

function waterfall(stage, width) {
  const found = waterfallSteps(stage), total = stage.steps[0][2];
  const picture = plot({
    width, height: 66 + 22 * found.length, marginLeft: Math.min(260, width * 0.5), marginRight: 70, marginTop: 46,
    x: topAxis("texts →", width, { tickFormat: "~s" }),
    y: { label: null, domain: found.map((step) => step.label), tickSize: 0 },
    marks: [
      Plot.barX(found, { y: "label", x1: "start", x2: "end", fill: (step) => STEP[step.kind], insetTop: 2, insetBottom: 2 }),
      Plot.text(found, { y: "label", x: "end", text: (step) => step.count.toLocaleString("en"), textAnchor: "start", dx: 6 }),
      Plot.tip(found, Plot.pointerY({ y: "label", x: "end", title: (step) => `${step.label}\n${step.count} texts, ${share(step.count, total)}`, ...TIP })),
    ],
  });
  return [stage.title, "Grey: all texts. Red: dropped, by filter and reason. Amber: not needed. Green: kept, by part.", picture];
}
