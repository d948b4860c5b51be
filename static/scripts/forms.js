// Forms with data-guard: unsaved changes are counted, named beside Save, marked at their labels, and guarded on leaving.
// A field with data-aside is not saved.
(() => {
  "use strict";
  const form = document.querySelector("form[data-guard]");
  if (!form) return;
  const counter = document.querySelector("[data-unsaved]");
  const value = (field) => field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
  const fields = () => [...form.elements].filter((field) => field.name && field.name !== "csrfmiddlewaretoken" && field.type !== "hidden" && field.tagName !== "BUTTON" && field.dataset.aside === undefined);
  const initial = new Map(fields().map((field) => [field, field.dataset.was !== undefined ? field.dataset.was : value(field)]));
  let leaving = false;

  // What names a field on the page; a check box beside an empty label is named by its own words.
  const label = (field) => {
    const own = field.closest(".field")?.querySelector(".label, legend, label:not(.option)");
    return own?.textContent.trim() ? own : field.closest(".option");
  };

  const changed = () => {
    const labels = new Set();
    for (const [field, was] of initial) {
      const mark = label(field);
      if (String(value(field)) !== String(was) && mark) labels.add(mark);
    }
    for (const mark of form.querySelectorAll(".changed")) if (!labels.has(mark)) mark.classList.remove("changed");
    for (const mark of labels) mark.classList.add("changed");
    return [...labels].map((mark) => mark.textContent.replace("*", "").trim());
  };

  const show = () => {
    const names = changed();
    if (counter) {
      counter.hidden = names.length === 0;
      const pattern = names.length === 1 ? counter.dataset.one : counter.dataset.many;
      counter.querySelector("span").textContent = pattern.replace("%d", names.length).replace("%s", names.join(", "));
    }
    return names.length;
  };

  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.addEventListener("submit", () => { leaving = true; });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-discard]")) leaving = true; });
  window.addEventListener("beforeunload", (event) => { if (!leaving && changed().length) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(document.querySelector(`[form="${form.id}"][data-save]`) || undefined);
    }
  });
  show();

  // After an error the summary is read first.
  document.querySelector("[data-error-summary]")?.focus();
})();

// Parts that belong to one choice of another field: data-shown-when="name=value|value". Also in what htmx brings later.
(() => {
  "use strict";
  const current = (form, name) => {
    const field = form.elements[name];
    if (!field) return undefined;
    return field.type === "checkbox" ? String(field.checked) : field.value;
  };

  const depend = (form) => {
    for (const part of form.querySelectorAll("[data-shown-when]")) {
      const [name, wanted] = part.dataset.shownWhen.split("=");
      part.hidden = !wanted.split("|").includes(current(form, name));
    }
  };

  const all = () => { for (const part of document.querySelectorAll("[data-shown-when]")) depend(part.closest("form")); };
  document.addEventListener("change", (event) => event.target.form && depend(event.target.form));
  document.addEventListener("htmx:after:swap", all);
  all();
})();
