// Light, dark or as the device says: remembered in a cookie, so that the server draws the
// next page in it from the first byte.

const root = document.documentElement;
const choices = document.querySelectorAll("[data-theme-choice]");
const YEAR = 365 * 24 * 60 * 60;

function show(theme) {
  root.dataset.bsTheme = theme;
  for (const choice of choices) {
    choice.setAttribute("aria-pressed", String(choice.dataset.themeChoice === theme));
  }
}

function remember(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR}; samesite=lax${secure}`;
}

for (const choice of choices) {
  choice.addEventListener("click", () => {
    remember(choice.dataset.themeChoice);
    show(choice.dataset.themeChoice);
  });
}

show(root.dataset.bsTheme);
