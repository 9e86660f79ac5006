// Sorting and searching of the ranking. Without this script everything is there, in the order of the ranks.
"use strict";

(() => {
  // The same letters as `without_marks` of cchc_sheets/vietnamese.py makes for data-search.
  const folded = (words) =>
    words.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").trim().replace(/\s+/g, " ");

  const status = document.getElementById("found");
  const tables = [...document.querySelectorAll("table.ranking")];

  const sortable = (table) => {
    const headings = [...table.querySelectorAll("thead th")];
    headings.forEach((heading, column) => {
      const name = heading.textContent;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const now = heading.getAttribute("aria-sort");
        const first = heading.dataset.order === "falls" ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = now === first ? other : first;
        for (const each of headings) each.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", order);
        sort(table, column, order === "ascending" ? 1 : -1);
        status.textContent = `Đã sắp xếp theo ${name}, ${order === "ascending" ? "tăng dần" : "giảm dần"}.`;
      });
    });
    headings[0].setAttribute("aria-sort", "ascending");
  };

  const sort = (table, column, sign) => {
    const body = table.tBodies[0];
    const place = (row) => Number(row.cells[column].dataset.place);
    const rank = (row) => Number(row.cells[0].dataset.place);
    const rows = [...body.rows].sort((a, b) => sign * (place(a) - place(b)) || rank(a) - rank(b));
    body.append(...rows);
  };

  const search = document.getElementById("search");

  const find = () => {
    const wanted = folded(search.value);
    let found = 0;
    for (const table of tables) {
      let here = 0;
      for (const row of table.tBodies[0].rows) {
        row.hidden = !row.dataset.search.includes(wanted);
        here += row.hidden ? 0 : 1;
      }
      table.hidden = here === 0;
      found += here;
    }
    status.textContent = wanted ? (found ? `${found} đơn vị phù hợp.` : "Không có đơn vị nào phù hợp.") : "";
  };

  if (search) {
    tables.forEach(sortable);
    search.closest("[hidden]").hidden = false;
    search.addEventListener("input", find);
    if (search.value) find(); // the browser has kept what was typed before
  }
})();
