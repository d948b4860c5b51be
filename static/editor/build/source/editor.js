// Text boxes for code: <textarea data-editor="expression"> and <textarea data-editor="json"> become editors.
//
// The box stays in the form and always holds what the editor shows; whoever runs no scripts uses the box itself. The script
// tag carries the page's nonce, which the editor's style element needs; without one nothing is changed. Tab leaves the box.
//
// The JSON script element "editor-phrases" holds the editor's own words in the language of the page.
//
//   data-words="id"     of a JSON script element: what Ctrl+Space completes, see expression.js
//   data-mark           elsewhere on the page: what is wrong, see marks.js
//   data-insert="name"  on a button, with data-kind, data-into (the box's id), and data-empty: puts the word in
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { expression, insert } from "./expression.js";
import { json } from "./json.js";
import { hasError, mark } from "./marks.js";
import { theme } from "./theme.js";

const nonce = document.currentScript?.nonce;
const languages = { expression, json };
const views = new WeakMap();

const told = (id, otherwise) => {
  const element = id && document.getElementById(id);
  return element ? JSON.parse(element.textContent) : otherwise;
};

const named = (textarea) => {
  const label = textarea.labels[0];
  if (!label) return { "aria-label": textarea.getAttribute("aria-label") || textarea.name };
  label.id ||= `${textarea.id}-label`;
  return { "aria-labelledby": label.id };
};

const attributes = (textarea) => {
  // Focusable by itself already, and said so: a long document scrolls, and whoever scrolls it by keyboard must get there.
  const fixed = { ...named(textarea), tabindex: "0", spellcheck: "false", autocapitalize: "off" };
  const described = textarea.getAttribute("aria-describedby");
  if (described) fixed["aria-describedby"] = described;
  return (view) => ({ ...fixed, "aria-invalid": String(hasError(view.state)) });
};

const enhance = (textarea) => {
  const language = languages[textarea.dataset.editor];
  if (!language || views.has(textarea)) return;
  const keptInStep = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    textarea.value = update.state.doc.toString();
    textarea.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const view = new EditorView({
    doc: textarea.value,
    extensions: [
      language(told(textarea.dataset.words, [])),
      EditorState.phrases.of(told("editor-phrases", {})),
      EditorView.cspNonce.of(nonce),
      EditorView.editorAttributes.of({ class: `editor-${textarea.dataset.editor}` }),
      EditorView.contentAttributes.of(attributes(textarea)),
      EditorState.readOnly.of(textarea.readOnly || textarea.matches(":disabled")),
      history(),
      bracketMatching(),
      theme,
      keptInStep,
      keymap.of([...defaultKeymap, ...historyKeymap]),
    ],
  });
  views.set(textarea, view);
  textarea.after(view.dom);
  textarea.hidden = true;
  for (const label of textarea.labels) label.addEventListener("click", () => view.focus());
  textarea.form?.addEventListener("reset", () => setTimeout(() => {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: textarea.defaultValue } });
  }));
  mark(view, textarea);
};

const boxes = () => document.querySelectorAll("textarea[data-editor]");

if (nonce) {
  boxes().forEach(enhance);
  document.addEventListener("htmx:after:swap", () => {
    for (const box of boxes()) {
      enhance(box);
      mark(views.get(box), box);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const view = button && views.get(document.getElementById(button.dataset.into));
    if (!view) return;
    const { insert: name, kind } = button.dataset;
    insert(view, { name, kind, empty: button.dataset.empty !== undefined });
  });
}
