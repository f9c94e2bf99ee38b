// Put the page together: the table first, then what has to be unpacked.

const TERMS = [
  ["student, loss", "the small model, and the loss it was trained with"],
  ["gold", "the labels that predictions are evaluated against: the teacher's own labels, or labels that came with the corpus"],
  ["vs majority", "difference to the majority baseline (constant), which predicts the same emoji for every text"],
  ["p", "the probability of a difference at least this large between rows that are equally good; at most 0.05 counts as significant"],
  ["sig.", "significance letters: rows that share one cannot be distinguished by this test; the top group is bold"],
  ["ignores input", "yes: the same predictions, shuffled over the texts, score as well (permutation test)"],
  ["effective emoji", "the effective number of emoji (exponential of the entropy): as diverse as this many emoji used equally often. Far below the gold's means collapse onto a few"],
  ["top-5 share", "the share of the five most frequent emoji in all predicted emoji: 1 where there are no others"],
  ["95 % interval", "the bar, on the scale under the heading; the dot is the score, the dashed line the group's majority baseline, ▶ a score beyond the scale"],
  ["retrained models", "the same training, with new seeds, evaluated on new texts: what a choice of student rests on"],
  ["fixed models, †", "these trained models, evaluated on new texts: all that can be tested with too few training runs, or for a baseline derived from other predictions"],
  ["baselines", "majority baseline (constant), permutation baseline (shuffled), lexicon (a list of words), knn (nearest neighbours among the training texts), oracle (a perfect choice among the emoji that the best row uses), teacher self-agreement (ceiling)"],
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
  byId("which").textContent = `The rows were evaluated in ${ranked.length} ways, one box each. The verdicts may differ: read the box whose labels and texts match your use. Scores of different boxes are not comparable.`;
  byId("answers").append(...ranked.map(card));
}

function card(group) {
  const list = (title, lines) => lines && lines.length ? make("div", {}, make("h3", {}, title), make("ul", {}, ...lines.map((line) => make("li", {}, ...withEmoji(line))))) : null;
  return make("article", { class: "card" },
    make("p", {}, group.heading),
    make("h3", {}, "Which student to use"), make("p", { class: "use" }, group.use),
    make("div", { class: "columns" }, list("How sure that is", group.sure), ...(group.fails || []).map(([name, lines]) => list(`What ${name} fails on`, lines))),
    make("h3", {}, "Verdict of the table"), make("p", {}, group.verdict));
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
const PLAIN = { jaccard: "the emoji that prediction and gold have in common, divided by all in either, mean over texts" };

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
