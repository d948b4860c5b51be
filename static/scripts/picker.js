// A combobox for people and groups (ARIA APG, manual selection): arrows, Enter, Esc; Backspace drops the last chip.
// Chips are check boxes of the form, so that what is sent is the same as without a script. data-single keeps one.
// The box says "change" whenever they do.
(() => {
  "use strict";
  for (const picker of document.querySelectorAll("[data-picker]")) {
    const box = picker.querySelector(".box");
    const input = box.querySelector("input[type=text]");
    const list = picker.querySelector(".popup");
    const field = picker.dataset.field || "principal";
    let active = -1, timer = null, asked = 0;

    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", "options");
    input.setAttribute("aria-expanded", "false");

    const changed = () => input.dispatchEvent(new Event("change", { bubbles: true }));
    const options = () => [...list.querySelectorAll("[role=option]")];
    const chosen = () => [...box.querySelectorAll(`input[name=${field}]`)].map((each) => each.value);

    const show = (on) => {
      list.hidden = !on;
      input.setAttribute("aria-expanded", String(on));
      if (!on) { active = -1; input.removeAttribute("aria-activedescendant"); }
    };

    const mark = (index) => {
      const all = options();
      if (!all.length) return;
      active = (index + all.length) % all.length;
      all.forEach((option, number) => option.classList.toggle("active", number === active));
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    };

    const search = async () => {
      const number = ++asked;
      const url = new URL(picker.dataset.options, location.href);
      url.searchParams.set("q", input.value);
      if (picker.dataset.single !== undefined) url.searchParams.set("single", "1");
      for (const kind of (picker.dataset.kinds || "").split(",").filter(Boolean)) url.searchParams.append("kind", kind);
      let text;
      try {
        const response = await fetch(url, { headers: { "HX-Request": "true" } });
        if (!response.ok) return;
        text = await response.text();
      } catch { return; }
      if (number !== asked) return;
      list.innerHTML = text;
      const have = chosen();
      for (const option of options()) option.setAttribute("aria-selected", String(have.includes(option.dataset.value)));
      show(true);
      active = -1;
    };

    const addRemove = (chip, name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "×";
      button.setAttribute("aria-label", picker.dataset.remove.replace("%s", name));
      button.addEventListener("click", () => { chip.remove(); changed(); input.focus(); });
      chip.append(button);
    };

    const choose = (value, name) => {
      if (chosen().includes(value)) return;
      if (picker.dataset.single !== undefined) for (const chip of box.querySelectorAll(".chip")) chip.remove();
      const chip = document.createElement("span");
      chip.className = "chip";
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = field;
      hidden.value = value;
      const word = document.createElement("span");
      word.className = "name";
      word.textContent = name;
      chip.append(hidden, word);
      addRemove(chip, name);
      input.before(chip);
      input.value = "";
      show(false);
      changed();
      input.focus();
    };

    for (const chip of box.querySelectorAll(".chip")) addRemove(chip, chip.textContent.trim());

    input.addEventListener("input", () => {
      // What was found for the former text must not be chosen for this one.
      asked++;
      show(false);
      list.replaceChildren();
      clearTimeout(timer);
      timer = setTimeout(search, 250);
    });
    input.addEventListener("focus", () => { if (list.hidden && !chosen().length && !input.value) search(); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) search(); else mark(active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1));
      } else if (event.key === "Enter") {
        const option = options()[active];
        if (option && !list.hidden) { event.preventDefault(); choose(option.dataset.value, option.dataset.name); }
        else if (input.value) event.preventDefault();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        show(false);
      } else if (event.key === "Backspace" && !input.value) {
        box.querySelector(".chip:last-of-type")?.remove();
        changed();
      }
    });
    list.addEventListener("mousedown", (event) => {
      if (event.target.closest("button")) return;
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option.dataset.value, option.dataset.name);
    });
    // Whoever typed before this script ran is answered all the same.
    if (document.activeElement === input && input.value) search();
    picker.addEventListener("focusout", (event) => { if (!picker.contains(event.relatedTarget)) show(false); });

    // People that the tenant told of just now become chips as well.
    document.addEventListener("change", (event) => {
      const found = event.target.closest("[data-pick]");
      if (!found) return;
      choose(found.value, found.dataset.name);
      found.closest("label").remove();
    });
  }
})();
