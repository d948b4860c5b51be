// The expression language: colours while typing, and completion of functions and attributes.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, pickedCompletion } from "@codemirror/autocomplete";
import { StreamLanguage } from "@codemirror/language";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const tokens = StreamLanguage.define({
  name: "expression",
  // A text may go on over several lines.
  startState: () => ({ inText: false }),
  token(stream, state) {
    if (state.inText || stream.eat('"')) {
      state.inText = true;
      while (!stream.eol()) {
        const character = stream.next();
        if (character === "\\") stream.next();
        if (character === '"') { state.inText = false; break; }
      }
      return "text";
    }
    if (stream.match(/^\[[^\]]*\]?/)) return "reading";
    if (stream.match(/^(&[Hh][0-9A-Fa-f]+|-?[0-9]+)/)) return "number";
    if (stream.match(/^[A-Za-z_][A-Za-z0-9_]*(?=\s*\()/)) return "call";
    if (stream.match(/^[A-Za-z_][A-Za-z0-9_]*/)) return "constant";
    if (stream.match(/^(<>|<=|>=|=|<|>)/)) return "comparison";
    if (stream.match(/^[(),]/)) return "mark";
    stream.next();
    return null;
  },
  // Other words than the editor's own, some of which it knows already ("attribute") and does not ask for here.
  tokenTable: {
    text: tags.string,
    reading: tags.typeName,
    number: tags.number,
    call: tags.variableName,
    constant: tags.atom,
    comparison: tags.operator,
    mark: tags.punctuation,
  },
  languageData: { closeBrackets: { brackets: ["(", "[", '"'] } },
});

// Where the end of `before` stands: inside a text, inside [an attribute (from its first letter), or between them.
const placeOf = (before) => {
  let at = 0;
  while (at < before.length) {
    const character = before[at];
    if (character === '"') {
      let end = at + 1;
      while (end < before.length && before[end] !== '"') end += before[end] === "\\" ? 2 : 1;
      if (end >= before.length) return { kind: "text" };
      at = end + 1;
    } else if (character === "[") {
      const end = before.indexOf("]", at);
      if (end < 0) return { kind: "attribute", from: at + 1 };
      at = end + 1;
    } else at += 1;
  }
  return { kind: "between" };
};

// What is put in, where the caret lands in it, and how many characters after it are taken along.
const written = (word, inside, after) => {
  if (word.kind === "attribute") {
    const text = inside ? `${word.name}]` : `[${word.name}]`;
    return { text, caret: text.length, over: inside && after.startsWith("]") ? 1 : 0 };
  }
  if (after.startsWith("(")) return { text: word.name, caret: word.name.length + 1, over: 0 };
  return { text: `${word.name}()`, caret: word.name.length + (word.empty ? 2 : 1), over: 0 };
};

const put = (view, word, from, to, inside, annotations) => {
  const { text, caret, over } = written(word, inside, view.state.sliceDoc(to, to + 1));
  view.dispatch({
    changes: { from, to: to + over, insert: text },
    selection: { anchor: from + caret },
    userEvent: "input.complete",
    scrollIntoView: true,
    annotations,
  });
};

// A word of the lists beside the box, put in at the caret.
export const insert = (view, word) => {
  const { from, to } = view.state.selection.main;
  const place = placeOf(view.state.sliceDoc(0, from));
  const inside = word.kind === "attribute" && place.kind === "attribute";
  put(view, word, inside ? place.from : from, to, inside, []);
  view.focus();
};

const about = (word) => () => {
  const box = document.createElement("div");
  if (word.signature) box.append(Object.assign(document.createElement("code"), { textContent: word.signature }));
  box.append(word.info);
  return box;
};

const option = (word, inside) => ({
  label: word.name,
  displayLabel: word.kind === "attribute" && !inside ? `[${word.name}]` : word.name,
  detail: word.detail,
  info: word.info ? about(word) : undefined,
  apply: (view, completion, from, to) => put(view, word, from, to, inside, pickedCompletion.of(completion)),
});

const complete = (words) => {
  const between = words.map((word) => option(word, false));
  const within = words.filter((word) => word.kind === "attribute").map((word) => option(word, true));
  return (context) => {
    const place = placeOf(context.state.sliceDoc(0, context.pos));
    if (place.kind === "text") return null;
    if (place.kind === "attribute") return { from: place.from, options: within, validFor: /^[^\][]*$/ };
    const begun = context.matchBefore(/[A-Za-z][A-Za-z0-9]*/);
    if (!begun && !context.explicit) return null;
    return { from: begun ? begun.from : context.pos, options: between, validFor: /^[A-Za-z0-9]*$/ };
  };
};

// `words`: [{kind: "function" or "attribute", name, detail, info, signature, empty}], empty for a function without arguments.
export const expression = (words) => [
  tokens,
  EditorView.lineWrapping,
  closeBrackets(),
  autocompletion({ override: [complete(words)], icons: false }),
  keymap.of([...closeBracketsKeymap, ...completionKeymap]),
];
