// Dialogs, the side panel, fold-out menus and toasts: opening, closing, and where the focus goes.
(() => {
  "use strict";
  const dialog = document.getElementById("dialog");
  const panel = document.getElementById("panel");
  let opener = null;

  const focusFirst = (box) => {
    const first = box.querySelector("[autofocus]") || box.querySelector("h1, h2");
    if (!first) return;
    if (first.matches("h1, h2")) first.tabIndex = -1;
    first.focus({ preventScroll: true });
  };

  // --- dialog: answers of links with hx-target="#dialog" -----------------------------------------------------------
  document.addEventListener("htmx:after:swap", (event) => {
    const ctx = event.detail?.ctx;
    if (ctx?.target === dialog) {
      opener = ctx.sourceElement;
      if (!dialog.open) dialog.showModal();
      focusFirst(dialog);
    }
    if (panel && ctx?.target === panel) openPanel(ctx.sourceElement);
  });
  dialog?.addEventListener("close", () => {
    dialog.replaceChildren();
    opener?.isConnected && opener.focus();
  });

  // --- panel -------------------------------------------------------------------------------------------------------
  const narrow = window.matchMedia("(width < 1024px)");
  const others = () => document.querySelectorAll(".topbar, .crumbs, .heading, nav.menu, .menu-narrow, .commands, .content");

  const modal = (on) => {
    if (on) panel.setAttribute("aria-modal", "true"); else panel.removeAttribute("aria-modal");
    panel.setAttribute("role", on ? "dialog" : "complementary");
    for (const element of others()) element.inert = on;
  };

  const openPanel = (source) => {
    panel.hidden = false;
    modal(narrow.matches);
    mark(source?.closest("tr"));
    focusFirst(panel);
  };

  const mark = (row) => {
    for (const old of document.querySelectorAll("tr.selected")) old.classList.remove("selected");
    row?.classList.add("selected");
  };

  const closePanel = () => {
    const close = panel.querySelector("[data-close-panel]");
    modal(false);
    panel.hidden = true;
    panel.replaceChildren();
    const row = document.querySelector("tr.selected");
    mark(null);
    (row?.querySelector("a") || document.getElementById("heading"))?.focus();
    if (close?.href) history.pushState({ htmx: true }, "", close.href);
  };

  if (panel && !panel.hidden) modal(narrow.matches);
  narrow.addEventListener("change", () => panel && !panel.hidden && modal(narrow.matches));

  const neighbour = (step) => {
    const rows = [...document.querySelectorAll("tr[data-panel-row]")];
    const here = rows.findIndex((row) => row.classList.contains("selected"));
    rows[here + step]?.querySelector("a")?.click();
  };

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-close-panel], [data-close-dialog], [data-close-toast], [data-neighbour]");
    if (!target) return;
    if (target.matches("[data-close-panel]")) { event.preventDefault(); closePanel(); }
    // On a page of its own the question has no dialog to close: its Cancel is a link.
    if (target.matches("[data-close-dialog]") && dialog?.contains(target)) { event.preventDefault(); dialog.close(); }
    if (target.matches("[data-close-toast]")) target.closest(".toast").remove();
    if (target.matches("[data-neighbour]")) neighbour(Number(target.dataset.neighbour));
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const fold = document.querySelector(".fold[open]");
      if (fold) { fold.open = false; fold.querySelector("summary").focus(); return; }
      if (panel && !panel.hidden && !dialog?.open && !event.defaultPrevented) closePanel();
    }
    if (event.altKey && panel && !panel.hidden && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      neighbour(event.key === "ArrowDown" ? 1 : -1);
    }
  });

  // --- fold-out menus close when something else is clicked -----------------------------------------------------------
  document.addEventListener("click", (event) => {
    for (const fold of document.querySelectorAll(".fold[open]")) {
      if (!fold.contains(event.target)) fold.open = false;
    }
  });

  // --- toasts: good news leaves after six seconds unless it is being read ---------------------------------------------
  for (const toast of document.querySelectorAll(".toast.success, .toast.info")) {
    const leave = () => toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove();
    setTimeout(leave, 6000);
  }
})();
