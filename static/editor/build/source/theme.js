// The look: every colour is a variable of styles/tokens.css, so that both themes and a change of theme come by themselves.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const floating = {
  border: "1px solid var(--border)",
  borderRadius: "var(--radius)",
  backgroundColor: "var(--bg-raised)",
  color: "var(--text)",
  boxShadow: "var(--float)",
};

const frame = EditorView.theme({
  "&": {
    border: "1px solid var(--border-field)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--bg)",
    color: "var(--text)",
    fontSize: ".8125rem",
  },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--code)", lineHeight: "1.25rem" },
  ".cm-content": { padding: "6px 0", caretColor: "var(--text)" },
  "&.editor-expression .cm-content": { minHeight: "112px" },
  "&.editor-expression .cm-scroller": { maxHeight: "50vh" },
  "&.editor-json": { height: "65vh", minHeight: "320px" },
  ".cm-line": { padding: "0 8px" },
  ".cm-gutters": {
    backgroundColor: "var(--bg-sunken)",
    color: "var(--text-subtle)",
    border: "0",
    borderInlineEnd: "1px solid var(--divider)",
  },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-activeLineGutter": { backgroundColor: "var(--bg-selected)", color: "var(--text)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--bg-selected)", outline: "1px solid var(--border-field)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--danger-tint)", color: "var(--danger)" },
  ".cm-placeholder": { color: "var(--text-subtle)" },
  ".cm-tooltip": floating,
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--code)", maxHeight: "16rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 8px", lineHeight: "1.25rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--bg-selected)",
    color: "var(--text)",
  },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionDetail": { fontStyle: "normal", color: "var(--text-subtle)" },
  ".cm-tooltip.cm-completionInfo": { padding: "8px 12px", maxWidth: "320px", font: "var(--body)" },
  ".cm-completionInfo code": { display: "block", marginBottom: "4px" },
  ".cm-diagnostic": { padding: "4px 8px", font: "var(--hint)" },
  ".cm-diagnostic-error": { borderInlineStart: "4px solid var(--danger-edge)" },
  ".cm-diagnostic-warning": { borderInlineStart: "4px solid var(--warning-line)" },
  ".cm-panels": { backgroundColor: "var(--bg-sunken)", color: "var(--text)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--divider)" },
  ".cm-panel.cm-search": { padding: "8px 32px 8px 8px", font: "var(--hint)" },
  ".cm-panel.cm-search label": { fontSize: "inherit", display: "inline-flex", alignItems: "center", minHeight: "24px" },
  ".cm-textfield": {
    minHeight: "24px",
    border: "1px solid var(--border-field)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--bg)",
    color: "var(--text)",
    fontSize: "inherit",
  },
  ".cm-button": {
    minHeight: "24px",
    border: "1px solid var(--border-field)",
    borderRadius: "var(--radius)",
    background: "var(--bg)",
    color: "var(--text)",
    fontSize: "inherit",
  },
  ".cm-panel.cm-search [name=close]": { minWidth: "24px", minHeight: "24px", color: "var(--text)", fontSize: "1rem" },
  ".cm-searchMatch": { backgroundColor: "var(--warning-tint)", outline: "1px solid var(--warning-line)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--brand-tint)", outline: "2px solid var(--brand-line)" },
  ".cm-selectionMatch": { backgroundColor: "var(--bg-selected)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.variableName, tags.propertyName], color: "var(--link)" },
  { tag: tags.typeName, color: "var(--success)" },
  { tag: tags.string, color: "var(--warning)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--danger)" },
  { tag: [tags.punctuation, tags.operator, tags.separator, tags.bracket], color: "var(--text-2)" },
]);

export const theme = [frame, syntaxHighlighting(colours)];
