// A chosen theme shows at once, and is remembered in the cookie from which the server draws the
// next page; without this script the same button is sent to the server.

const root = document.documentElement;
const choices = document.querySelectorAll("button[name=theme]");
const YEAR_SECONDS = 365 * 24 * 60 * 60;

function remember(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}

function show(theme) {
  root.dataset.bsTheme = theme;
  for (const choice of choices) {
    choice.setAttribute("aria-pressed", String(choice.value === theme));
  }
}

for (const choice of choices) {
  choice.addEventListener("click", (event) => {
    event.preventDefault();
    remember(choice.value);
    show(choice.value);
  });
}
