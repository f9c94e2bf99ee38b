// Put the page together: the table first, then what has to be unpacked.

const TERMS = [
  ["student, loss", "the small model, and what its training made small"],
  ["gold", "the labels that answers are judged against: the teacher's own answers, or labels that came with the corpus"],
  ["− constant", "difference to one fixed answer, the same for every text: what can be had without reading"],
  ["p", "how likely a difference of this size would be between rows that are equally good; below 0.05 it counts as shown"],
  ["tie", "rows that share a letter cannot be told apart by this test; the top group is bold"],
  ["reads input", "no: the same answers, shuffled over the texts, would have scored as well"],
  ["effective emoji", "how many different emoji are really in use, beside the gold's: far below the gold's means collapse"],
  ["recipe", "this way of training, on new texts, with new training runs: what a choice of student rests on"],
  ["artefact, †", "these very models on new texts: with fewer than three runs nothing more can be said"],
  ["baselines", "constant, shuffled, lexicon (a list of words), knn (looking up similar texts), oracle (a perfect choice among the emoji that the best row uses), ceiling (the teacher asked again)"],
];

function startHeader() {
  byId("run").textContent = record.run;
  const rows = record.rows.filter((row) => !row.baseline).length;
  const failed = record.rows.filter((row) => row.status === "failed").length;
  byId("about").textContent = `${rows} rows${failed ? ` (${failed} failed)` : ""}, compared on ${primary.name}: ` +
    `${PLAIN[primary.name] || primary.summary.replace(/\.$/, "")}; ${{ higher: "higher is better", lower: "lower is better", none: "neither is better" }[primary.direction]}${range(primary)}.`;
  byId("sections").append(...[...document.querySelectorAll("main > section")].map((section) =>
    make("li", {}, make("a", { href: `#${section.id}` }, section.dataset.title))));
}

function range(metric) {
  const [low, high] = metric.bounds;
  return low === null || high === null ? "" : `, from ${low} to ${high}`;
}

function startAnswers() {
  byId("answers").append(...ranked.map(card));
}

function card(group) {
  const list = (title, lines) => lines && lines.length ? make("div", {}, make("h3", {}, title), make("ul", {}, ...lines.map((line) => make("li", {}, ...withEmoji(line))))) : null;
  return make("article", { class: "card" },
    make("p", {}, group.heading),
    make("h3", {}, "Which student to use"), make("p", { class: "use" }, group.use),
    make("div", { class: "columns" }, list("How sure that is", group.sure), list(`What ${bestName(group)} fails on`, group.fails)),
    make("h3", {}, "What the table says"), make("p", {}, group.verdict));
}

function bestName(group) {
  const best = record.rows.find((row) => row.id === group.best);
  return best ? best.name : "it";
}

function startPicker() {
  const draw = () => {
    const groups = ranked.map((group, at) => [String(at), group.short || group.heading]);
    const rows = state.group.rows.map((at) => [String(at), rowName(at)]);
    byId("picker").replaceChildren(
      make("span", {}, "Charts and texts show"),
      ...(ranked.length > 1 ? [select("group", groups, String(ranked.indexOf(state.group)), (at) => chooseGroup(ranked[at]), "pick-group")] : []),
      select("row", rows, String(state.row), (at) => chooseRow(Number(at)), "pick-row"));
  };
  whenChosen(draw);
  draw();
}

function startTerms() {
  const tags = Object.entries(record.tags).map(([tag, rule]) => [tag.replaceAll("-", " "), rule]);
  byId("terms").append(...[...TERMS, ...tags].flatMap(([term, what]) => [make("dt", {}, term), make("dd", {}, what)]));
  byId("legend").textContent = record.legend;
  byId("notes").append(...record.notes.map((note) => make("li", {}, ...withEmoji(note))));
  byId("notes-box").open = record.notes.some((note) => note.startsWith("warning"));
}

// What a metric is, in words for a reader who has met none of them.
const PLAIN = { jaccard: "the emoji that answer and gold have in common, divided by all that either has, mean over texts" };

async function start() {
  startTheme();
  startHeader();
  startAnswers();
  startTable();
  startTerms();
  if (ranked.length) {
    startPicker();
    startDifferences();
    startTradeoffs();
  }
  startData();
  startOrigin();
  performance.mark("deshi-table");
  byId("too-old").hidden = "DecompressionStream" in window;
  if ("DecompressionStream" in window) await openAnswers();
  if (ranked.length && answered) {
    startEmoji();
    startTexts();
  }
  performance.mark("deshi-ready");
  document.documentElement.dataset.ready = "yes";
}

window.addEventListener("beforeprint", () => {
  drawAll();
  printTexts();
  for (const box of document.querySelectorAll("details:not([open])")) {
    box.open = true;
    window.addEventListener("afterprint", () => (box.open = false), { once: true });
  }
});

start();
