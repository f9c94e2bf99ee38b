// Making elements.

// make("p", {class: "small", onclick: f}, "text", element, ...)
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// A text with its emoji in spans, so that a font with colour is taken for them.
function withEmoji(text) {
  const parts = text.split(/((?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u{1F3FB}-\u{1F3FF}\u200D\uFE0F])+)/u);
  return parts.map((part, at) => (at % 2 ? make("span", { class: "emoji" }, part) : part));
}

function byId(id) {
  return document.getElementById(id);
}

// A labelled select; `choices` are [value, text].
function select(label, choices, chosen, change, id) {
  const options = choices.map(([value, text]) => make("option", { value, selected: value === chosen }, text));
  const box = make("select", { id, onchange: () => change(box.value) }, ...options);
  return make("label", {}, label, box);
}

function check(label, checked, change, id) {
  const box = make("input", { type: "checkbox", id, checked, onchange: () => change(box.checked) });
  return make("label", { class: "check" }, box, label);
}

function search(label, change, id) {
  const box = make("input", { type: "search", id, autocomplete: "off", oninput: () => change(box.value) });
  return make("label", {}, label, box);
}

// A table of plain cells; a cell may be an element.
function plainTable(names, rows) {
  const head = make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name)));
  const body = rows.map((row) =>
    make("tr", {}, ...row.map((cell) => make("td", { class: "value" }, cell === null ? "" : cell))));
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": names.join(", ") }, table);
}

function svg(tag, properties) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, value);
  return element;
}
