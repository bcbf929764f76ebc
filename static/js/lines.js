// Receipt lines: a new one appears as the last is filled; their sum is shown, the server decides.

const ZEROS = [0x30, 0x660, 0x6f0];

function readAmount(text) {
  const digits = Array.from(text.trim(), (sign) => {
    const zero = ZEROS.find((start) => sign.charCodeAt(0) >= start && sign.charCodeAt(0) < start + 10);
    return zero ? String(sign.charCodeAt(0) - zero) : sign;
  });
  return Number.parseFloat(digits.join("").replace(/[٫,]/, ".")) || 0;
}

function setUp(lines) {
  const body = lines.querySelector("[data-lines-body]");
  const template = lines.querySelector("template");
  const count = lines.querySelector("[name$=TOTAL_FORMS]");
  const total = lines.querySelector("[data-lines-total]");
  const money = new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency",
    currency: lines.dataset.currency,
  });

  function addLine() {
    const index = Number(count.value);
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", String(index));
    count.value = String(index + 1);
    const line = holder.content.firstElementChild;
    body.append(holder.content);
    return line;
  }

  function showTotal() {
    const amounts = [...body.querySelectorAll("[name$=-amount]")];
    const sum = amounts.reduce((soFar, amount) => soFar + readAmount(amount.value), 0);
    total.hidden = sum === 0;
    total.querySelector("output").textContent = money.format(sum);
  }

  body.addEventListener("input", (event) => {
    showTotal();
    const isLast = event.target.closest("[data-line]") === body.lastElementChild;
    if (isLast && event.target.value) addLine();
  });

  lines.addEventListener("click", (event) => {
    if (event.target.closest("[data-add-line]")) {
      addLine().querySelector("input").focus();
    } else if (event.target.closest("[data-remove-line]")) {
      event.target.closest("[data-line]").remove();
      if (!body.querySelector("[data-line]")) addLine();
      showTotal();
    }
  });

  showTotal();
}

for (const lines of document.querySelectorAll("[data-lines]")) setUp(lines);
