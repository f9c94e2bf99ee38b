// Numbers and names as text.

const ARROWS = { higher: " ↑", lower: " ↓", none: "" };

function titled(metric) {
  return metric.name + ARROWS[metric.direction];
}

function fixed(value, digits = 3) {
  if (value === null || value === undefined) return "";
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(digits);
}

function signed(value, digits = 3) {
  if (value === null || value === undefined) return "";
  return (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(value).toFixed(digits);
}

function interval(ends, digits = 3) {
  return ends ? `[${fixed(ends[0], digits)}, ${fixed(ends[1], digits)}]` : "–";
}

function pText(p) {
  if (p === null || p === undefined) return "–";
  return p < 0.001 ? "<0.001" : p.toFixed(3);
}

function share(part, whole) {
  return whole ? `${Math.round((100 * part) / whole)} %` : "–";
}

function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  return seconds < 100 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}

function rowName(at) {
  const row = record.rows[at];
  return row.baseline && row.student === row.cell.student ? `${row.name} (baseline)` : row.name;
}

// Whether a difference of a metric is for the better.
function isBetter(difference, metric = primary) {
  return metric.direction === "lower" ? difference < 0 : difference > 0;
}
