/* Comforts for the staff's pages. Every page works without this file. */
(() => {
  "use strict";

  /* An address holds only the filters that are used. */
  const used = (data) => [...new Set(data.keys())].forEach((name) => {
    if (data.getAll(name).every((value) => value === "")) data.delete(name);
  });
  document.addEventListener("formdata", (event) => {
    if (event.target.matches(".filters")) used(event.formData);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.target.closest(".filters")) return;
    const now = new URLSearchParams(location.search);   /* the list may have been sorted since the form was made */
    ["sort", "per_page"].forEach((name) => {
      if (now.has(name)) event.detail.formData.set(name, now.get(name));
    });
    used(event.detail.formData);
  });

  /* A list that changed in place says so to those who do not see it. */
  document.addEventListener("htmx:afterSettle", (event) => {
    const count = document.querySelector("#table .count");
    const empty = document.querySelector("#table .empty h3");
    const said = document.getElementById("announce");
    if (said && event.target.id === "table") said.textContent = (count || empty || said).firstChild.textContent;
  });

  /* On a phone the row of places scrolls: bring the present one into view. */
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".masthead [aria-current], .tabs [aria-current]").forEach((here) => {
      const row = here.closest("ul");
      row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
    });
  });

  /* An open account menu closes with Escape, or when the focus or a press goes elsewhere. */
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector(".account[open]");
    if (event.key === "Escape" && menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  ["click", "focusin"].forEach((kind) => document.addEventListener(kind, (event) => {
    const menu = document.querySelector(".account[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  }));
})();
