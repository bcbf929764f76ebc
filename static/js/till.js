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

// What was typed is selected, so that the next number replaces it.
if (document.activeElement === field) field.select();
