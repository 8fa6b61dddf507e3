"use strict";

// Sorts and filters the table of flagged keys, and copies what is shown of it. Without this script
// the page shows the same, longest idle first. The filter is in the address, so that it can be
// linked to: #owner=payments&kind=KMS%20key.
(() => {
  const table = document.getElementById("key-table");
  if (!table) return;

  const [NAME, ACCOUNT, KIND, OWNER, TODO] = [0, 1, 2, 3, 8];
  const NONE = "-";
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const rows = [...body.rows].map((row) => ({
    row,
    text: row.textContent.toLowerCase(),
  }));

  const isDetail = (node) => node.localName === "p" || node.localName === "code";

  // What a cell says first, and what stands below it; that a key has no name is no name.
  function parts(cell) {
    const said = ["", ""];
    for (const node of cell.childNodes) {
      if (node.localName !== "i") said[isDetail(node) ? 1 : 0] += node.textContent;
    }
    return said.map((text) => text.trim());
  }

  const ofAccount = (cell) => parts(cell)[1];
  const of = { [ACCOUNT]: ofAccount };
  const memory = [];
  function values(column) {
    const read = of[column] || ((cell) => parts(cell)[0] || NONE);
    memory[column] ??= rows.map(({ row }) => read(row.cells[column]));
    return memory[column];
  }

  // Sorting.

  const collator = new Intl.Collator("en", { numeric: true });
  const isNumber = headers.map((header) => header.classList.contains("number"));
  // Of numbers the largest is what people look for first.
  const first = (column) => (isNumber[column] ? "descending" : "ascending");
  const choice = document.getElementById("sort");

  function sortBy(column, direction) {
    const sign = direction === "ascending" ? 1 : -1;
    const compare = isNumber[column] ? (a, b) => a - b : collator.compare;
    const key = (row) => {
      const text = row.cells[column].textContent.trim();
      return isNumber[column] ? Number(text.replaceAll(",", "")) : text;
    };
    const keyed = rows.map(({ row }) => ({ row, key: key(row) }));
    keyed.sort((a, b) => sign * compare(a.key, b.key));
    body.append(...keyed.map(({ row }) => row));
    headers.forEach((header, at) => {
      if (at === column) header.setAttribute("aria-sort", direction);
      else header.removeAttribute("aria-sort");
    });
    choice.value = column;
  }

  headers.forEach((header, column) => {
    const button = header.querySelector("button");
    choice.append(new Option(button.textContent, column));
    button.addEventListener("click", () => {
      const other = isNumber[column] ? "ascending" : "descending";
      const isFirst = header.getAttribute("aria-sort") === first(column);
      sortBy(column, isFirst ? other : first(column));
    });
  });
  choice.value = headers.findIndex((header) => header.hasAttribute("aria-sort"));
  choice.addEventListener("change", () => sortBy(Number(choice.value), first(choice.value)));

  // Filtering.

  const field = (name) => document.getElementById(`filter-${name}`);
  const contains = field("contains");
  const choices = { kind: KIND, account: ACCOUNT, owner: OWNER, todo: TODO };
  const names = ["contains", ...Object.keys(choices)];
  const shown = document.getElementById("shown");
  const copied = document.getElementById("copied");

  for (const [name, column] of Object.entries(choices)) {
    const labels = new Map();
    values(column).forEach((value, at) => {
      if (labels.has(value)) return;
      const said = parts(rows[at].row.cells[column])[0];
      const label = column === ACCOUNT ? `${said} ${value}` : said || `no ${name}`;
      labels.set(value, label);
    });
    const options = [...labels].map(([value, label]) => new Option(label, value));
    options.sort((a, b) => collator.compare(a.text, b.text));
    field(name).append(...options);
  }

  function filter() {
    const words = contains.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = Object.entries(choices)
      .map(([name, column]) => [field(name).value, values(column)])
      .filter(([value]) => value);
    let count = 0;
    rows.forEach(({ row, text }, at) => {
      const isShown =
        words.every((word) => text.includes(word)) &&
        wanted.every(([value, values]) => values[at] === value);
      if (row.hidden === isShown) row.hidden = !isShown;
      count += isShown;
    });
    const of = rows.length.toLocaleString("en");
    shown.value = `${count.toLocaleString("en")} of ${of} shown`;
    copied.value = "";
  }

  // The filter in the address.

  function write() {
    const address = new URLSearchParams();
    for (const name of names) if (field(name).value) address.set(name, field(name).value);
    const hash = address.size ? `#${address}` : location.pathname + location.search;
    try {
      history.replaceState(null, "", hash);
    } catch {
      // Not every place that shows a page lets it change its address.
    }
  }

  function read() {
    const address = new URLSearchParams(location.hash.slice(1));
    if (!names.some((name) => address.has(name))) return;
    for (const name of names) {
      const [value, at] = [address.get(name) ?? "", field(name)];
      at.value = value;
      // Nobody has it tonight: nothing is shown, and what was asked for is.
      if (at.value !== value) {
        at.append(new Option(value, value));
        at.value = value;
      }
    }
    filter();
    document.getElementById("keys").scrollIntoView();
  }

  // Copying. A cell that a spreadsheet would take for a formula gets a leading '.

  const COLUMNS = [
    ["name", "key_id"],
    ["account_name", "account_id"],
    ["kind", "region"],
    ["owner"],
    ["idle_days"],
    ["age_days"],
    ["last_use", "last_operation"],
    ["verdict", "detail"],
    ["what_to_do", "advice"],
    ["monthly_cost_usd"],
  ];

  function cell(text) {
    const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  }

  function csv(shownRows) {
    const lines = shownRows.map((row) =>
      COLUMNS.flatMap((names, at) => parts(row.cells[at]).slice(0, names.length)),
    );
    return [COLUMNS.flat(), ...lines].map((line) => `${line.map(cell).join(",")}\n`).join("");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Pages that did not come over HTTPS have no clipboard but this.
      const area = document.createElement("textarea");
      area.className = "unseen";
      area.value = text;
      document.body.append(area);
      area.select();
      const isCopied = document.execCommand("copy");
      area.remove();
      return isCopied;
    }
  }

  document.getElementById("copy").addEventListener("click", async () => {
    const shownRows = [...body.rows].filter((row) => !row.hidden);
    const isCopied = await copy(csv(shownRows));
    const keys = shownRows.length === 1 ? "1 key" : `${shownRows.length.toLocaleString("en")} keys`;
    copied.value = isCopied ? `${keys} copied` : "the browser did not allow it";
  });

  // Rows are laid out as grids, which to some browsers are no rows any more.
  function name(from) {
    const roles = (row, first, other) => {
      row.role = "row";
      [...row.cells].forEach((cell, at) => (cell.role = at === NAME ? first : other));
    };
    if (from === 0) {
      table.role = "table";
      table.tHead.role = body.role = "rowgroup";
      roles(table.tHead.rows[0], "columnheader", "columnheader");
    }
    const some = rows.slice(from, from + 500);
    for (const { row } of some) roles(row, "rowheader", "cell");
    if (some.length) setTimeout(name, 0, from + some.length);
  }

  const filters = document.getElementById("filters");
  const changed = (event) => {
    if (event.target === choice) return;
    filter();
    write();
  };
  filters.addEventListener("input", changed);
  filters.addEventListener("change", changed);
  filters.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", read);
  filters.hidden = false;
  filter();
  read();
  name(0);
})();
