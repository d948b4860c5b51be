// Live parts: an element with data-poll="milliseconds" gets a "tick" while it and the page are visible. htmx asks with
// hx-trigger="tick". A part that came back without data-poll has nothing more to tell and is left alone.
(() => {
  "use strict";
  const due = new WeakMap();

  const visible = (element) => document.visibilityState === "visible" && element.offsetParent !== null;

  setInterval(() => {
    const now = performance.now();
    for (const element of document.querySelectorAll("[data-poll]")) {
      const pause = Number(element.dataset.poll);
      if (!due.has(element)) due.set(element, now + pause);
      if (now < due.get(element) || !visible(element)) continue;
      due.set(element, now + pause);
      element.dispatchEvent(new CustomEvent("tick"));
    }
  }, 200);

  const stale = () => document.querySelector(".stale");

  const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  let good = clock();

  const failed = (event) => {
    const source = event.detail?.ctx?.sourceElement;
    const note = stale();
    if (!source?.matches?.("[data-poll]")) {
      // What was clicked cannot be shown in its place: the whole page says why.
      if (source?.href && event.detail.ctx.response?.status >= 500) location.assign(source.href);
      return;
    }
    if (!note) return;
    note.textContent = note.dataset.text.replace("%s", good);
    note.classList.add("shown");
  };
  document.addEventListener("htmx:error", failed);
  document.addEventListener("htmx:response:error", failed);

  let step = null;
  document.addEventListener("htmx:after:swap", (event) => {
    const source = event.detail?.ctx?.sourceElement;
    if (!source?.id || event.detail.ctx.response?.status >= 400) return;
    good = clock();
    stale()?.classList.remove("shown");
    const part = document.getElementById(source.id);
    const announcer = document.getElementById("announcer");
    if (!part?.dataset.announce || !announcer || part.dataset.step === step) return;
    if (step !== null) announcer.textContent = part.dataset.announce;
    step = part.dataset.step;
  });
})();
