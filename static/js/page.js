// What every page gains when scripts run: nothing here is needed to do a job.

// Controls that only work with a script appear with it.
for (const control of document.querySelectorAll("[data-needs-script]")) {
  control.hidden = false;
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return;
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

// Coming back with the browser's back button makes forms usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// A notice stays until it is put away.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  button?.closest("[data-notice]")?.remove();
});

// A page made for paper goes there.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// Whether the line is up.
function showConnection() {
  for (const sign of document.querySelectorAll("[data-connection]")) {
    sign.hidden = sign.dataset.connection !== (navigator.onLine ? "online" : "offline");
  }
}

window.addEventListener("online", showConnection);
window.addEventListener("offline", showConnection);
showConnection();
