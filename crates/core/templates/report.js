"use strict";

// Sorts and filters the table of flagged keys. Without this script the page
// shows the same, longest idle first.
(() => {
  const table = document.getElementById("key-table");
  if (!table) return;

  const [ACCOUNT, KIND] = [0, 3];
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const rows = [...body.rows].map((row) => ({
    row,
    cells: [...row.cells].map((cell) => cell.textContent.trim()),
    text: row.textContent.toLowerCase(),
  }));

  const collator = new Intl.Collator("en", { numeric: true });
  const isNumber = headers.map((header) => header.classList.contains("number"));

  function sortBy(column, direction) {
    const sign = direction === "ascending" ? 1 : -1;
    const compare = isNumber[column]
      ? (a, b) => Number(a.cells[column]) - Number(b.cells[column])
      : (a, b) => collator.compare(a.cells[column], b.cells[column]);
    rows.sort((a, b) => sign * compare(a, b));
    body.append(...rows.map(({ row }) => row));
    headers.forEach((header, at) => {
      if (at === column) header.setAttribute("aria-sort", direction);
      else header.removeAttribute("aria-sort");
    });
  }

  headers.forEach((header, column) => {
    header.querySelector("button").addEventListener("click", () => {
      const now = header.getAttribute("aria-sort");
      // Of numbers the largest is what people look for first.
      const first = isNumber[column] ? "descending" : "ascending";
      const second = isNumber[column] ? "ascending" : "descending";
      sortBy(column, now === first ? second : first);
    });
  });

  const text = document.getElementById("filter-text");
  const kind = document.getElementById("filter-kind");
  const account = document.getElementById("filter-account");
  const shown = document.getElementById("shown");

  function offer(select, column) {
    const values = [...new Set(rows.map(({ cells }) => cells[column]))];
    values.sort(collator.compare);
    select.append(...values.map((value) => new Option(value, value)));
  }

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const { row, cells, text } of rows) {
      const isShown =
        words.every((word) => text.includes(word)) &&
        (!kind.value || cells[KIND] === kind.value) &&
        (!account.value || cells[ACCOUNT] === account.value);
      row.hidden = !isShown;
      count += isShown;
    }
    const of = rows.length.toLocaleString("en");
    shown.value = `${count.toLocaleString("en")} of ${of} shown`;
  }

  offer(kind, KIND);
  offer(account, ACCOUNT);
  const filters = document.getElementById("filters");
  filters.addEventListener("input", filter);
  filters.addEventListener("change", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filters.hidden = false;
  filter();
})();
