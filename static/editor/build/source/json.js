// A JSON document: line numbers, colours, folding, search with Ctrl+F.
import { json as language } from "@codemirror/lang-json";
import { codeFolding, foldGutter, foldKeymap } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorView, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";

export const json = () => [
  language(),
  lineNumbers(),
  foldGutter(),
  codeFolding(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  search(),
  EditorView.lineWrapping,
  keymap.of([...searchKeymap, ...foldKeymap]),
];
