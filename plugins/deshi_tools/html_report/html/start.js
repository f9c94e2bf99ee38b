// Put the page together: the table first, then what has to be unpacked.

const TERMS = [
  ["student, loss", "the small model, and what its training made small"],
  ["gold", "the labels that answers are judged against: the teacher's own answers, or labels that came with the corpus"],
  ["− constant", "difference to one fixed answer, the same for every text: what can be had without reading"],
  ["p", "how likely a difference of this size would be between rows that are equally good; below 0.05 it counts as shown"],
  ["tie", "rows that share a letter cannot be told apart by this test; the top group is bold"],
  ["reads input", "no: the same answers, shuffled over the texts, would have scored as well"],
  ["effective emoji", "how many different emoji are really in use: as varied as this many emoji used equally often. Far below the gold's means collapse onto a few"],
  ["top-5 share", "the part that the five most frequent emoji have of all that are answered: 1 where there are no others"],
  ["95 % interval", "the bar, on the scale under the heading; the dot is the score, the dashed line the group's constant, ▶ a score beyond the scale"],
  ["recipe", "this way of training, on new texts, with new training runs: what a choice of student rests on"],
  ["artefact, †", "these very models on new texts: with fewer than three runs of a student whose training has chance in it, or for a baseline made of other answers, nothing more can be said"],
  ["baselines", "constant, shuffled, lexicon (a list of words), knn (looking up similar texts), oracle (a perfect choice among the emoji that the best row uses), ceiling (the teacher asked again)"],
];

function startHeader() {
  byId("run").textContent = record.run;
  const rows = record.rows.filter((row) => !row.baseline).length;
  const failed = record.rows.filter((row) => row.status === "failed").length;
  const baselines = record.rows.length - rows;
  byId("about").textContent = `${rows} rows${failed ? ` (${failed} failed)` : ""} and ${baselines} baselines, compared on ${primary.name}: ` +
    `${PLAIN[primary.name] || primary.summary.replace(/\.$/, "")}; ${{ higher: "higher is better", lower: "lower is better", none: "neither is better" }[primary.direction]}${range(primary)}.`;
  byId("sections").append(...[...document.querySelectorAll("main > section")].map((section) =>
    make("li", {}, make("a", { href: `#${section.id}` }, section.querySelector("h2").textContent))));
}

function range(metric) {
  const [low, high] = metric.bounds;
  return low === null || high === null ? "" : `, from ${low} to ${high}`;
}

function startAnswers() {
  const words = TERMS.filter(([term]) => FIRST.includes(term)).flatMap(([term, what]) => [make("strong", {}, term), `: ${what}. `]);
  byId("words").append(...words);
  byId("which").hidden = ranked.length < 2;
  byId("which").textContent = `The rows were judged in ${ranked.length} ways, and each has a box of its own: the verdicts answer different questions ` +
    "and may well differ. Read the box whose labels and texts are those that your own use will have; a score in one says nothing about the other.";
  byId("answers").append(...ranked.map(card));
}

function card(group) {
  const list = (title, lines) => lines && lines.length ? make("div", {}, make("h3", {}, title), make("ul", {}, ...lines.map((line) => make("li", {}, ...withEmoji(line))))) : null;
  return make("article", { class: "card" },
    make("p", {}, group.heading),
    make("h3", {}, "Which student to use"), make("p", { class: "use" }, group.use),
    make("div", { class: "columns" }, list("How sure that is", group.sure), ...(group.fails || []).map(([name, lines]) => list(`What ${name} fails on`, lines))),
    make("h3", {}, "What the table says"), make("p", {}, group.verdict));
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

// The words of the first screen that a reader may not have met.
const FIRST = ["gold", "effective emoji", "top-5 share"];

// What a metric is, in words for a reader who has met none of them.
const PLAIN = { jaccard: "the emoji that answer and gold have in common, divided by all that either has, mean over texts" };

async function start() {
  startTheme();
  startMigration();
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
  drawWhenIdle();
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
