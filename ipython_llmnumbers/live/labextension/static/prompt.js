/* A prompt is text: in the cells of %%llmcost and %%tokens nothing below the magic is coloured as Python. */

// The magics whose cell is a prompt; with --run it is Python.
const PROMPT_CELL = /^\s*%%(llmcost|tokens)(?!\w)(?!.*\s--run(?!\S))/;
// As in `chat.py`: what begins a message.
const ROLE = /^(?:system|developer|user|assistant|tool|model|human)(?=[ \t]*:)/i;
// A first line is no longer than what is looked through for it.
const HEAD_CHARS = 2_000;

/** The extension of a cell's editor. */
export function makePrompt({ view, state }) {
  const text = view.Decoration.line({ class: "llmnumbers-prompt" });
  const role = view.Decoration.mark({ class: "llmnumbers-role" });

  /** The lines that are seen of a prompt, and the roles that begin its messages. */
  function decorate({ state: { doc }, visibleRanges }) {
    const found = new state.RangeSetBuilder();
    const magic = PROMPT_CELL.exec(doc.sliceString(0, HEAD_CHARS));
    if (!magic) return found.finish();
    const first = doc.lineAt(magic[0].length).to + 1;
    for (const { from, to } of visibleRanges) {
      for (let at = Math.max(from, first); at <= Math.min(to, doc.length); ) {
        const line = doc.lineAt(at);
        found.add(line.from, line.from, text);
        const word = magic[1] === "llmcost" && ROLE.exec(line.text);
        if (word) found.add(line.from, line.from + word[0].length, role);
        at = line.to + 1;
      }
    }
    return found.finish();
  }

  const plugin = view.ViewPlugin.fromClass(
    class {
      constructor(editor) {
        this.decorations = decorate(editor);
      }

      update(update) {
        if (update.docChanged || update.viewportChanged) this.decorations = decorate(update.view);
      }
    },
    { decorations: (each) => each.decorations },
  );
  const theme = view.EditorView.baseTheme({
    ".llmnumbers-prompt span": { color: "inherit", fontWeight: "inherit", fontStyle: "inherit" },
    ".llmnumbers-prompt .llmnumbers-role": {
      color: "var(--jp-mirror-editor-keyword-color)",
      fontWeight: "bold",
    },
  });
  return [plugin, theme];
}
