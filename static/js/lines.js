// Receipt lines: a new one appears as the last is filled. Without this script a button asks the
// server for more; what lines come to, the server says in either case.

function setUp(lines) {
  const body = lines.querySelector("[data-lines-body]");
  const template = lines.querySelector("template");
  const count = lines.querySelector("[name$=-TOTAL_FORMS]");
  const most = lines.querySelector("[name$=-MAX_NUM_FORMS]");

  function addLine() {
    const index = Number(count.value);
    if (index >= Number(most.value)) return null;
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", String(index));
    for (const control of holder.content.querySelectorAll("[data-needs-script]")) {
      control.hidden = false;
    }
    count.value = String(index + 1);
    body.append(holder.content);
    return body.lastElementChild;
  }

  body.addEventListener("input", (event) => {
    const isLast = event.target.closest("[data-line]") === body.lastElementChild;
    if (isLast && event.target.value) addLine();
  });

  lines.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-line]")) {
      event.preventDefault();
      addLine()?.querySelector("input").focus();
    } else if (event.target.closest("[data-remove-line]")) {
      event.target.closest("[data-line]").remove();
      if (!body.querySelector("[data-line]")) addLine();
      body.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

for (const lines of document.querySelectorAll("[data-lines]")) setUp(lines);
