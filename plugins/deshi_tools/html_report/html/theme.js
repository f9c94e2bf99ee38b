// Light and dark: as the system has it, until the reader says otherwise.

const THEMES = ["auto", "light", "dark"];
const system = window.matchMedia("(prefers-color-scheme: dark)");
let theme = "auto";

function applyTheme() {
  const dark = theme === "dark" || (theme === "auto" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = { auto: "◐ Colours: system", light: "☀ Colours: light", dark: "☾ Colours: dark" }[theme];
}

function startTheme() {
  applyTheme();
  system.addEventListener("change", applyTheme);
  byId("theme").addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    applyTheme();
  });
}
