// The comparison table: sorted and filtered inside its groups, with bars for the intervals.

const view = { text: "", axes: {}, baselines: true, wide: false, metric: primary.name, sort: null, descending: true };
const BAR = 120;
const BEYOND = ["oracle", "ceiling"]; // so far above the rows that they would flatten them
const COLLAPSE = ["effective-emoji", "repetition", "top5-share"];

function startTable() {
  byId("table-tools").append(
    search("Find a row", (text) => change({ text: text.toLowerCase() }), "table-search"),
    ...record.axes.map(axisFilter),
    select("Score in the bars", record.metrics.map((m) => [m.name, titled(m)]), view.metric, (metric) => change({ metric }), "table-metric"),
    check("Baselines", true, (baselines) => change({ baselines }), "table-baselines"),
    check("All columns", false, (wide) => change({ wide }), "table-wide"),
  );
  byId("table-tools").addEventListener("submit", (event) => event.preventDefault());
  whenChosen(markChosen);
  drawTable();
}

function axisFilter(axis) {
  const values = [...new Set(record.rows.map((row) => row.cell[axis]).filter((value) => value !== null))];
  const choices = [["", "all"], ...values.map((value) => [value, value])];
  return select(axis, choices, "", (value) => change({ axes: { ...view.axes, [axis]: value } }), `table-axis-${axis}`);
}

function change(part) {
  Object.assign(view, part);
  drawTable();
}

function columns() {
  const axes = ["student", ...record.axes.filter((axis) => axis !== "student")];
  const [inside, outside] = [axes.filter(distinguishesRows), axes.filter((axis) => !distinguishesRows(axis))];
  return [...inside.map(axisColumn), ...scoreColumns(), ...differenceColumns(), ...collapseColumns(),
    runsColumn(), ...outside.map(axisColumn), ...(view.wide ? wideColumns() : [])];
}

// Whether an axis has several values in one group; others are in the groups' headings.
function distinguishesRows(axis) {
  return axis === "student" || record.groups.some((group) => new Set(group.rows.map((at) => record.rows[at].cell[axis])).size > 1);
}

function axisColumn(axis) {
  return { name: axis, axis: true, value: (at) => (axis === "student" ? record.rows[at].student : record.rows[at].cell[axis]) };
}

function scoreColumns() {
  const metric = metricNamed(view.metric);
  const value = (at) => valueOf(at, metric.name);
  return [
    { name: titled(metric), number: true, value, help: metric.summary, text: (at) => fixed(value(at)) },
    { name: "95 % interval", value, cell: (at) => intervalBar(at, metric.name), under: barAxis(metric.name), help: "retrained models on new texts; †: these fixed models on new texts" },
  ];
}

function differenceColumns() {
  return [
    { name: "vs majority", number: true, value: (at) => toConstant(at)?.[0] ?? null, text: (at) => signed(toConstant(at)?.[0]),
      help: `difference of ${primary.name} to the majority baseline` },
    { name: "p", number: true, value: (at) => toConstant(at)?.[3] ?? null, text: constantP, help: "of that difference, after Holm" },
    { name: "sig.", value: (at) => record.rows[at].tie, text: (at) => record.rows[at].tie || (record.rows[at].used === null ? "" : "–"),
      help: "rows that share a significance letter cannot be distinguished; – is no test" },
    { name: "ignores input", value: (at) => record.rows[at].input, cell: inputCell, help: "permutation test that shuffled predictions score as well" },
  ];
}

// A row's difference to the constant that learned from the same labels.
function toConstant(at) {
  return record.differences["retrained-models"][record.rows[at].constant]?.[at];
}

function constantP(at) {
  const found = toConstant(at);
  return !found || record.rows[at].used === null ? "" : pText(found[3]);
}

function inputCell(at) {
  const p = record.rows[at].input;
  if (p === null) return "";
  return p > 0.05 ? make("span", { class: "fails" }, `yes (p ${pText(p)})`) : `no (p ${pText(p)})`;
}

function collapseColumns() {
  return COLLAPSE.filter(metricNamed).map((name) => ({
    name: name === "effective-emoji" ? "effective emoji" : titled(metricNamed(name)),
    number: true, value: (at) => valueOf(at, name), cell: (at) => collapseCell(at, name), help: metricNamed(name).summary,
  }));
}

// The effective emoji beside the gold's, marked as in the terminal where they are few.
function collapseCell(at, name) {
  const value = valueOf(at, name);
  if (value === null || name !== "effective-emoji") return fixed(value);
  const gold = record.groups.find((group) => group.id === record.rows[at].group)?.gold[name];
  if (gold === undefined || gold === null) return fixed(value, 0);
  const text = `${fixed(value, 0)} of ${fixed(gold, 0)}`;
  return record.rows[at].few ? make("span", { class: "fails" }, `${text} FEW`) : text;
}

function runsColumn() {
  return { name: "runs", number: true, value: (at) => record.rows[at].seeds || null, help: "training runs (seeds)" };
}

function wideColumns() {
  const shown = [view.metric, ...COLLAPSE];
  const metrics = record.metrics.filter((metric) => !shown.includes(metric.name)).map((metric) => ({
    name: titled(metric), number: true, value: (at) => valueOf(at, metric.name), help: metric.summary,
    text: (at) => (valueOf(at, metric.name) === null ? "" : `${fixed(valueOf(at, metric.name))} ${interval(endsOf(at, metric.name))}`),
  }));
  const field = (name, key, text) => ({ name, number: true, value: (at) => record.rows[at][key], text: text && ((at) => text(record.rows[at][key])) });
  return [...metrics, field("emoji used", "used", (v) => fixed(v, 0)), field("their oracle", "oracle", fixed),
    field("train", "train"), field("test", "test"), field("coverage", "coverage", (v) => fixed(v, 2)),
    field("seconds", "seconds", (v) => fixed(v, 1)), field("cost, USD", "cost", (v) => fixed(v, 4))];
}

function drawTable() {
  const shown = columns();
  const body = record.groups.map((group) => groupBody(group, shown)).filter(Boolean);
  byId("rows").replaceChildren(make("thead", {}, headRow(shown)), ...body);
  showCount();
  markChosen();
}

// Rows and baselines are counted apart, here as in the page's first line.
function showCount() {
  const shown = record.rows.map((_, at) => at).filter(matches);
  const part = (baseline, what) => {
    const all = record.rows.filter((row) => row.baseline === baseline).length;
    return `${shown.filter((at) => record.rows[at].baseline === baseline).length} of ${all} ${what}`;
  };
  byId("table-count").textContent = `${part(false, "rows")} and ${part(true, "baselines")}`;
}

function headRow(shown) {
  return make("tr", {}, ...shown.map((column) => {
    const order = view.sort !== column.name ? null : view.descending ? "descending" : "ascending";
    const button = make("button", { type: "button", title: column.help, onclick: () => sortBy(column) }, column.name);
    return make("th", { scope: "col", class: column.number && "number", "aria-sort": order }, button, column.under);
  }));
}

function sortBy(column) {
  const again = view.sort === column.name;
  change({ sort: column.name, descending: again ? !view.descending : Boolean(column.number) });
  const at = columns().findIndex((one) => one.name === column.name);
  byId("rows").querySelectorAll("thead button")[at].focus();
}

function groupBody(group, shown) {
  const rows = sorted(group.rows.filter(matches), shown);
  if (!rows.length) return null;
  const heading = make("th", { class: "group", colspan: shown.length, scope: "rowgroup" }, make("span", {}, group.heading));
  const lines = rows.map((at) => tableRow(at, shown));
  const first = rows.findIndex((at) => record.rows[at].baseline);
  if (first >= 0) lines.splice(first, 0, make("tr", { class: "divide" }, make("td", { colspan: shown.length }, make("span", {}, divide(group)))));
  return make("tbody", {}, make("tr", {}, heading), ...lines);
}

// What the baselines are for, and which of them do better than the best row.
function divide(group) {
  const above = group.rows.filter(isAbove).map((at) => record.rows[at].student);
  const better = above.length ? ` Better than the best row: ${above.join(", ")}.` : "";
  return `Baselines, for reference only. The oracle and teacher self-agreement are upper bounds; a row should beat the others.${better}`;
}

// Whether a baseline that is no bound is better than its group's best row beyond chance.
function isAbove(at) {
  const row = record.rows[at], group = record.groups.find((one) => one.id === row.group);
  const best = group.rows.find((other) => record.rows[other].id === group.best);
  const found = (record.differences["retrained-models"][best] || {})[at];
  return row.baseline && !BEYOND.includes(row.cell.student) && Boolean(found) && found[3] !== null && found[3] <= 0.05 && isBetter(found[0]);
}

function matches(at) {
  const row = record.rows[at];
  const words = [row.id, row.name, row.status, row.reason, ...Object.values(row.cell)].join(" ").toLowerCase();
  return words.includes(view.text) && (view.baselines || !row.baseline) &&
    Object.entries(view.axes).every(([axis, value]) => !value || row.cell[axis] === value);
}

// Baselines stay below the rows, and what has no value below what has one.
function sorted(rows, shown) {
  const column = shown.find((one) => one.name === view.sort);
  if (!column) return rows;
  const sign = view.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    const empty = (x === null || x === undefined) - (y === null || y === undefined);
    return record.rows[a].baseline - record.rows[b].baseline || empty || sign * (x < y ? -1 : x > y ? 1 : 0);
  });
}

function tableRow(at, shown) {
  const row = record.rows[at];
  const top = record.groups.some((group) => group.top.includes(at));
  const kinds = ["row", row.status === "n/a" ? "na" : row.status, row.baseline && (isAbove(at) ? "above" : "baseline"), top && "top"];
  const cells = row.status === "ok" ? shown.map((column, place) => tableCell(at, column, place)) : brokenCells(at, shown);
  return make("tr", { class: kinds.filter(Boolean).join(" "), "data-row": at, onclick: () => chooseRow(at) }, ...cells);
}

// A row without figures says why, in place of them.
function brokenCells(at, shown) {
  const first = shown.findIndex((column) => !column.axis);
  const why = [record.rows[at].status, record.rows[at].reason].filter(Boolean).join(": ");
  const cells = shown.slice(0, first).map((column, place) => tableCell(at, column, place));
  return [...cells, make("td", { colspan: shown.length - first, class: "reason" }, why)];
}

function tableCell(at, column, place) {
  const content = column.cell ? column.cell(at) : column.text ? column.text(at) : column.value(at) ?? "";
  if (place > 0) return make("td", { class: column.number && "number" }, content);
  const button = make("button", { type: "button", title: "Show this row in the charts" }, rowLabel(at, content));
  return make("th", { scope: "row" }, button);
}

function rowLabel(at, name) {
  return record.rows[at].baseline ? `${name} (baseline)` : String(name);
}

function markChosen() {
  for (const row of byId("rows").querySelectorAll("tr.row")) {
    row.classList.toggle("chosen", Number(row.dataset.row) === state.row);
  }
}

// A bar over the range of all rows but the oracle and the ceiling, which end at its edge; the dashed line is the constant of the row's group.
function intervalBar(at, metric) {
  const ends = endsOf(at, metric), value = valueOf(at, metric);
  if (value === null) return "";
  const [width, scale] = [BAR, barScale(metric)];
  const picture = svg("svg", { class: "interval", width, height: 16, viewBox: `0 0 ${width} 16`, role: "img", "aria-label": interval(ends) });
  const group = record.groups.find((one) => one.id === record.rows[at].group);
  const constant = constantOf(group);
  if (constant !== undefined) picture.append(svg("line", { class: "constant", x1: scale(valueOf(constant, metric)), x2: scale(valueOf(constant, metric)), y1: 0, y2: 16 }));
  if (ends) picture.append(svg("line", { x1: scale(ends[0]), x2: Math.max(scale(ends[1]), scale(ends[0]) + 1), y1: 8, y2: 8 }));
  picture.append(scale(value) < BAR - 2 ? svg("circle", { cx: scale(value), cy: 8, r: 3.5 }) : beyondEdge());
  const smaller = record.rows[at].metrics[metric][3] === "fixed-models" && ends;
  return make("span", { title: record.rows[at].metrics[metric][4] }, picture, ` ${interval(ends)}${smaller ? "†" : ""}`);
}

// The ends of the bars' scale, under the column's name.
function barAxis(metric) {
  const [low, high] = barEnds(metric);
  const mark = (value, anchor) => {
    const text = svg("text", { x: barScale(metric)(value), y: 11, "text-anchor": anchor });
    text.textContent = fixed(value, 2);
    return text;
  };
  const picture = svg("svg", { class: "axis", width: BAR, height: 16, viewBox: `0 0 ${BAR} 16`, role: "img", "aria-label": `scale from ${fixed(low, 2)} to ${fixed(high, 2)}` });
  picture.append(svg("line", { x1: 5, x2: BAR - 5, y1: 14.5, y2: 14.5 }), mark(low, "start"), mark(high, "end"));
  return picture;
}

// An arrow for what lies beyond the scale.
function beyondEdge() {
  return svg("path", { d: `M${BAR - 8},3 L${BAR - 1},8 L${BAR - 8},13 Z` });
}

function barEnds(metric) {
  const rows = record.rows.flatMap((row, at) => (BEYOND.includes(row.cell.student) ? [] : [at]));
  const values = rows.flatMap((at) => [valueOf(at, metric), ...(endsOf(at, metric) || [])]).filter((v) => v !== null);
  return values.length ? [Math.min(0, ...values), Math.max(...values)] : [0, 1];
}

function barScale(metric) {
  const [low, high] = barEnds(metric);
  return (value) => Math.min(BAR - 2, 5 + ((BAR - 10) * (value - low)) / (high - low || 1));
}
