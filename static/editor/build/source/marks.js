// What the page says about the text, underlined in it: elements with data-mark="id of the box", data-column (and data-line,
// for several lines), counted from 1 in characters as the server counts them; data-severity is error or warning.
import { forEachDiagnostic, setDiagnostics } from "@codemirror/lint";

const place = (state, element) => {
  const line = state.doc.line(Math.min(Number(element.dataset.line || 1), state.doc.lines));
  const rest = element.dataset.line ? line.text : state.doc.toString();
  const before = Array.from(rest).slice(0, Math.max(Number(element.dataset.column) - 1, 0)).join("").length;
  const from = Math.min(line.from + before, state.doc.length);
  const word = /^(\[[^\]]*\]?|\w+|.)/s.exec(state.sliceDoc(from, from + 200));
  return { from, to: from + (word ? word[0].length : 0) };
};

export const mark = (view, textarea) => {
  const told = [...document.querySelectorAll("[data-mark]")].filter((each) => each.dataset.mark === textarea.id);
  const diagnostics = told.map((each) => ({
    ...place(view.state, each),
    severity: each.dataset.severity || "error",
    message: each.textContent.trim(),
  }));
  view.dispatch(setDiagnostics(view.state, diagnostics.sort((a, b) => a.from - b.from)));
};

export const hasError = (state) => {
  let found = false;
  forEachDiagnostic(state, (each) => { found ||= each.severity === "error"; });
  return found;
};
