// The till without a mouse: "/" goes to the field, Escape clears it, arrows walk the results.

const field = document.querySelector("#lookup");

function goToField() {
  field.focus();
  field.select();
}

function isTyping(target) {
  return target.matches("input, textarea, select");
}

function walk(event) {
  const stops = [field, ...document.querySelectorAll("[data-choice]")];
  const here = stops.indexOf(document.activeElement);
  const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (here < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

function escape() {
  if (document.querySelector(":popover-open")) return;
  if (document.activeElement === field) field.value = "";
  goToField();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event.target)) {
    event.preventDefault();
    goToField();
  } else if (event.key === "Escape") {
    escape();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    walk(event);
  }
});

// What is being corrected is no longer called wrong; nor is a sale, once it can be priced.
function forgive(control) {
  control.classList.remove("is-invalid");
  control.removeAttribute("aria-invalid");
  control.removeAttribute("aria-describedby");
  document.getElementById(`${control.id}_error`)?.remove();
}

document.addEventListener("input", (event) => {
  if (event.target.matches(".ring-up .is-invalid")) forgive(event.target);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!event.target.matches(".quote") || !event.target.textContent.trim()) return;
  const form = event.target.closest("form");
  const priced = ".is-invalid:not([name=receipt])";
  for (const control of form.querySelectorAll(priced)) forgive(control);
});

// One touch writes how many points are useful; what that leaves to pay is asked of the server.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-pay-points]");
  if (!button) return;
  const points = button.closest("form").elements.points;
  points.value = button.dataset.payPoints;
  points.focus();
  points.dispatchEvent(new Event("input", { bubbles: true }));
});

// What was typed is selected, so that the next number replaces it.
if (document.activeElement === field) field.select();
