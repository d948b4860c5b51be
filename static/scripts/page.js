// Small things of every page: copying ids, the menu's search box, keys, the browser's time zone.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`timezone=${zone}`)) {
    document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return;
    }
    const announcer = document.getElementById("announcer");
    const word = document.body.dataset.copied;
    if (announcer) announcer.textContent = word;
    button.title = word;
    button.classList.add("copied");
    setTimeout(() => { button.classList.remove("copied"); button.title = ""; }, 2000);
  });

  for (const input of document.querySelectorAll("[data-menu-search]")) {
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      const menu = input.closest(".menu");
      for (const link of menu.querySelectorAll("li")) link.hidden = !link.textContent.toLowerCase().includes(wanted);
      for (const heading of menu.querySelectorAll("h2")) heading.hidden = wanted !== "";
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") input.closest(".menu").querySelector("li:not([hidden]) a")?.click();
    });
  }

  const typing = (element) => element.matches("input, textarea, select, [contenteditable]");
  let last = "";
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.ctrlKey) {
      event.preventDefault();
      document.querySelector("[data-menu-search]")?.focus();
      return;
    }
    const letters = document.body.dataset.letters !== undefined;
    if (!letters || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) { last = ""; return; }
    if (event.key === "?") document.querySelector("[data-keys]")?.click();
    if (event.key === "/") {
      event.preventDefault();
      document.querySelector(last === "g" ? "[data-menu-search]" : ".search input")?.focus();
    }
    last = event.key.toLowerCase();
  });

  // Buttons that fold what follows them, where there is no room for it.
  document.addEventListener("click", (event) => {
    const fold = event.target.closest("[data-folds]");
    fold?.setAttribute("aria-expanded", String(fold.getAttribute("aria-expanded") !== "true"));
  });

  // A filter form that needs no button where scripts run.
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  // Spinner in the button that was pressed, once waiting is felt.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.dataset.noSpinner !== undefined || event.defaultPrevented) return;
    setTimeout(() => {
      if (button.querySelector(".spinner")) return;
      const spinner = document.createElement("span");
      spinner.className = "spinner";
      spinner.setAttribute("aria-hidden", "true");
      button.prepend(spinner);
    }, 300);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("button .spinner").forEach((one) => one.remove()));
})();
