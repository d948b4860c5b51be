// A search box that shows only what has its words: input[data-filter="id"] looks at the [data-filtered] parts of that element.
// A section without any of them goes as well. What htmx brings later is filtered too.
(() => {
  "use strict";
  const apply = (input) => {
    const list = document.getElementById(input.dataset.filter);
    const wanted = input.value.trim().toLowerCase();
    for (const part of list.querySelectorAll("[data-filtered]")) part.hidden = !part.textContent.toLowerCase().includes(wanted);
    for (const section of list.querySelectorAll("section")) section.hidden = !section.querySelector("[data-filtered]:not([hidden])");
  };

  const inputs = () => document.querySelectorAll("input[data-filter]");
  document.addEventListener("input", (event) => { if (event.target.matches("input[data-filter]")) apply(event.target); });
  document.addEventListener("keydown", (event) => {
    // Enter would send the form around the box.
    if (event.key === "Enter" && event.target.matches("input[data-filter]")) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => inputs().forEach(apply));
})();
