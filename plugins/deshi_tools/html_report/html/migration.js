// What the planned change of teacher does: the answer first, then two pictures, then every table.

function startMigration() {
  const found = record.migration;
  if (!found) {
    byId("teachers").remove();
    return;
  }
  byId("teachers-heading").textContent = `From ${found.first} to ${found.second}`;
  byId("teachers-says").append(...found.sentences.map((line, at) =>
    make("p", at === 0 && found.verdict ? { class: "use", "data-verdict": found.verdict } : {}, ...withEmoji(line))));
  chart("agreement", (width) => agreement(found, width));
  chart("gains", (width) => gains(found, width));
  byId("teachers-tables").append(...found.tables.map(migrationTable));
}

function agreement(found, width) {
  const points = found.agreement.filter(([, value]) => value !== null).map(([name, value, low, high]) => ({ name, value, low, high }));
  if (!points.length) return null;
  const picture = plot({
    width, height: 70 + 34 * points.length, marginLeft: Math.min(260, width * 0.45), marginTop: 40,
    x: topAxis(`${found.metric} →`, width, { domain: [0, 1] }),
    y: { label: null, domain: points.map((p) => p.name), tickSize: 0 },
    marks: [
      Plot.ruleY(points.filter((p) => p.low !== null), { y: "name", x1: "low", x2: "high", stroke: "var(--text)", strokeWidth: 2.5 }),
      Plot.dot(points, { x: "value", y: "name", r: 5, fill: "var(--text)" }),
      Plot.tip(points, Plot.pointerY({ x: "value", y: "name", title: (p) => `${p.name}\n${fixed(p.value)}${p.low === null ? "" : ` [${fixed(p.low)}, ${fixed(p.high)}]`}`, ...TIP })),
    ],
  });
  return ["How far they agree", "Two teachers that differ from each other no more than from themselves would be on one line.", picture];
}

function gains(found, width) {
  const points = found.emoji.map(([emoji, name, value, low, high, p]) => ({ emoji, name, value, low, high, clear: p <= 0.05, p }));
  if (!points.length) return null;
  const picture = plot({
    width, height: 70 + 24 * points.length, marginLeft: 60, marginTop: 40,
    x: topAxis("share of answers, new − old →", width, { tickFormat: (d) => (d ? signed(d, 2) : "0") }),
    y: { label: null, domain: points.map((p) => p.emoji), axis: null },
    marks: [
      Plot.axisY({ fontSize: 17, fontFamily: "var(--emoji)", tickSize: 0, label: null }),
      Plot.ruleX([0], { stroke: "var(--text)" }),
      Plot.ruleY(points.filter((p) => p.low !== null), { y: "emoji", x1: "low", x2: "high", stroke: (p) => (p.clear ? "var(--text)" : "var(--dim)"), strokeWidth: 2.5 }),
      Plot.dot(points, { x: "value", y: "emoji", r: 4.5, fill: (p) => (p.clear ? "var(--text)" : "var(--back)"), stroke: (p) => (p.clear ? "var(--text)" : "var(--dim)"), strokeWidth: 2 }),
      Plot.tip(points, Plot.pointerY({ x: "value", y: "emoji", title: (p) => `${p.emoji} ${p.name}\n${signed(p.value)}\np ${pText(p.p)} for the whole list`, ...TIP })),
    ],
  });
  return ["Emoji that gained and lost most", "Filled: significant (p ≤ 0.05 for the whole list).", picture];
}

function migrationTable(found) {
  const body = found.lines.flatMap(([section, ...cells]) => [
    ...(section ? [make("tr", {}, make("th", { colspan: String(cells.length), scope: "rowgroup" }, section))] : []),
    make("tr", {}, ...cells.map((cell, at) => make("td", { class: found.numbers[at] ? "value" : null }, ...withEmoji(cell)))),
  ]);
  const head = make("tr", {}, ...found.columns.map((name) => make("th", { scope: "col" }, name)));
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  return make("details", { open: found.title === record.migration.tables[0].title }, make("summary", {}, found.title),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": found.title }, table),
    make("p", { class: "small" }, found.caption));
}
