// A search box that shows only what has its words: input[data-filter="id"] looks at the options of that list, or else at the
// [data-filtered] parts of that element; a section without any of them goes as well. What htmx brings later is filtered too.
(() => {
  "use strict";
  const listOf = (input) => document.getElementById(input.dataset.filter);
  const parts = (list) => list.options || list.querySelectorAll("[data-filtered]");

  const apply = (input) => {
    const list = listOf(input);
    const wanted = input.value.trim().toLowerCase();
    for (const part of parts(list)) part.hidden = !part.textContent.toLowerCase().includes(wanted);
    for (const section of list.querySelectorAll("section")) section.hidden = !section.querySelector("[data-filtered]:not([hidden])");
  };

  // Down from the box into a list, to the first that is left.
  const enter = (list) => {
    const first = [...list.options].find((option) => !option.hidden);
    if (!first) return;
    if (list.selectedOptions[0]?.hidden !== false) {
      list.value = first.value;
      list.dispatchEvent(new Event("change", { bubbles: true }));
    }
    list.focus();
  };

  document.addEventListener("input", (event) => { if (event.target.matches("input[data-filter]")) apply(event.target); });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("input[data-filter]")) return;
    const list = listOf(event.target);
    // Enter would send the form around the box.
    if (event.key === "Enter" || (event.key === "ArrowDown" && list.options)) event.preventDefault();
    if (event.key === "ArrowDown" && list.options) enter(list);
  });
  document.addEventListener("htmx:after:swap", () => document.querySelectorAll("input[data-filter]").forEach(apply));
})();
