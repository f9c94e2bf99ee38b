// The test texts and what the rows answered: unpacked once, looked up by character.

const OR = ",", NEXT = " ", OTHER = "?";
let answered = null;

// Open the packed texts; resolves to null where nothing was left of them.
async function openAnswers() {
  const bytes = Uint8Array.from(atob(byId("packed").textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const content = await new Response(stream).json();
  answered = {
    content,
    emoji: content.emoji,
    sets: content.sets,
    gold: mapValues(content.sets, (set) => set.gold.split(NEXT)),
    answers: mapValues(content.answers, (text) => text.split(NEXT)),
    agreement: {},
  };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

function emojiOf(character) {
  return answered.emoji[character.charCodeAt(0) - answered.content.first];
}

// The tags of a row's answer to a text: each letter from A on has a bit for each tag.
function tagsOf(at, text) {
  const bits = answered.content.tags[at].charCodeAt(text) - "A".charCodeAt(0);
  return Object.keys(record.tags).filter((_, place) => bits & (1 << place));
}

function characterOf(emoji) {
  const at = answered.emoji.indexOf(emoji);
  return at < 0 ? null : String.fromCharCode(at + answered.content.first);
}

function answersOf(at) {
  return answered && answered.answers[at];
}

function goldOf(group) {
  return answered && answered.gold[group.id];
}

// The characters of an answer that are emoji, each once.
function distinct(answer) {
  return [...new Set(answer)].filter((character) => character !== OTHER);
}

// The Jaccard index of an answer and the reference that it is nearest to.
function agreementWith(gold, answer) {
  const given = distinct(answer);
  const spoilt = answer.includes(OTHER) ? 1 : 0;
  let best = 0;
  for (const reference of gold.split(OR)) {
    const wanted = distinct(reference);
    const hits = given.filter((character) => wanted.includes(character)).length;
    const all = given.length + spoilt + wanted.length - hits;
    best = Math.max(best, all ? hits / all : 1);
  }
  return best;
}

// Each text's agreement for a row of the group, worked out once.
function agreementOf(at) {
  if (!answered.agreement[at]) {
    const gold = answered.gold[record.rows[at].group];
    answered.agreement[at] = Float32Array.from(answersOf(at), (answer, text) => agreementWith(gold[text], answer));
  }
  return answered.agreement[at];
}

function answeringRows(group) {
  return group.rows.filter((at) => answersOf(at));
}
