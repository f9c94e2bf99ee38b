// The record, what is chosen, and who wants to know when that changes.

const record = JSON.parse(document.getElementById("record").textContent);
const primary = record.metrics[0];
const ranked = record.groups.filter((group) => group.id);
const listeners = [];
const state = firstChoice();

function firstChoice() {
  const group = ranked[0] || record.groups[0];
  return { group, row: group ? bestOf(group) : 0 };
}

function bestOf(group) {
  const best = group.rows.find((at) => record.rows[at].id === group.best);
  return best === undefined ? group.rows[0] : best;
}

function whenChosen(listener) {
  listeners.push(listener);
}

function chooseGroup(group) {
  if (group === state.group) return;
  Object.assign(state, { group, row: bestOf(group) });
  listeners.forEach((listener) => listener());
}

function chooseRow(at) {
  const group = record.groups.find((one) => one.rows.includes(at));
  if (!group.id) return;
  Object.assign(state, { group, row: at });
  listeners.forEach((listener) => listener());
}

// The places of the group's rows that have a value on a metric, in the table's order.
function valuedRows(group, metric = primary.name) {
  return group.rows.filter((at) => valueOf(at, metric) !== null);
}

function valueOf(at, metric = primary.name) {
  const found = record.rows[at].metrics[metric];
  return found ? found[0] : null;
}

function endsOf(at, metric = primary.name) {
  const found = record.rows[at].metrics[metric];
  return found && found[1] !== null ? [found[1], found[2]] : null;
}

function metricNamed(name) {
  return record.metrics.find((metric) => metric.name === name);
}

// The group's row that answers every text alike, or undefined.
function constantOf(group) {
  return group.rows.find((at) => record.rows[at].cell.student === "constant" && valueOf(at) !== null);
}
