// Where the figures come from, and how to make them again.

function startOrigin() {
  const origin = record.provenance;
  byId("provenance").append(
    make("h3", {}, "Reproduce"), make("pre", { id: "command" }, command()),
    make("p", { class: "small" }, `deshi ${origin.deshi}${origin.git ? `, repository at ${origin.git}` : ""}, Python ${origin.python}, ${origin.platform}. What the workspace already holds is reused.`),
    navigator.clipboard ? copyButton() : "", dataButton(),
    fold("Settings and matrix", settingsTable()),
    fold("Entries, their parameters, and where each value was set", entriesTable()),
    fold("Metrics and signatures", plainTable(["metric", "better", "what it is", "signature"], record.metrics.map((m) => [m.name, m.direction, m.summary, m.signature]))),
    fold("Plugins and libraries", versionsTable()),
    fold("Prompts", promptsTable()),
  );
}

function fold(title, content) {
  return make("details", {}, make("summary", {}, title), content);
}

function command() {
  const words = record.provenance.command || ["deshi", "run", record.benchmark.file];
  return `${words.map(quoted).join(" ")}\ndeshi report ${record.run} -o report.html`;
}

function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function copyButton() {
  const button = make("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(command());
    button.textContent = "Copied";
  } }, "Copy the command");
  return button;
}

// Everything that the report holds, as JSON.
function dataButton() {
  return make("button", { type: "button", id: "download", onclick: () => {
    const all = new Blob([JSON.stringify({ ...record, texts: answered && answered.content })], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(all), download: `${record.run}.json` });
    link.click();
    URL.revokeObjectURL(link.href);
  } }, "Save the data (JSON)");
}

function settingsTable() {
  const rows = [...Object.entries(record.benchmark), ...Object.entries(record.matrix).map(([axis, values]) => [`matrix.${axis}`, values])];
  return plainTable(["setting", "value"], rows.map(([name, value]) => [name, plainValue(value)]));
}

function entriesTable() {
  const rows = Object.entries(record.provenance.entries).flatMap(([name, entry]) => {
    const params = Object.entries(entry.params);
    const lines = params.map(([key, value]) => ["", "", key, plainValue(value), entry.origins[`params.${key}`] || "default"]);
    return [[name, `${entry.component}, revision ${entry.revision}`, "", "", entry.origins.use || ""], ...lines];
  });
  return plainTable(["entry", "component", "parameter", "value", "set by"], rows);
}

function versionsTable() {
  const plugins = record.provenance.plugins.map((plugin) => [`plugin ${plugin.name}`, `${plugin.distribution} ${plugin.version}`]);
  return plainTable(["what", "version"], [...plugins, ...Object.entries(record.provenance.libraries)]);
}

function promptsTable() {
  const asked = Object.entries(record.prompts).filter(([, prompt]) => Object.keys(prompt).length);
  if (!asked.length) return make("p", { class: "small" }, "The teachers of this run take no prompt.");
  return make("div", {}, ...asked.flatMap(([name, prompt]) => [make("h3", {}, name), make("pre", { lang: "ja" }, plainValue(prompt))]));
}

function plainValue(value) {
  return typeof value === "string" ? value : JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}
