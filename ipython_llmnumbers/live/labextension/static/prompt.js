/* A prompt is text: the cells of %%llmcost and %%tokens are neither read nor coloured as Python. */

// The magics whose cell is a prompt; with --run it is Python.
const PROMPT_CELL = /^\s*%%(llmcost|tokens)(?!\w)(?!.*\s--run(?!\S))/;
// As in `chat.py`: what begins a message.
const ROLE = /^(?:system|developer|user|assistant|tool|model|human)(?=[ \t]*:)/i;
// A first line is no longer than what is looked through for it.
const HEAD_CHARS = 2_000;

/** `promptOf(source)`: the extension of a cell's editor that begins with this text. */
export function makePrompt({ view, state, language }) {
  const line = view.Decoration.line({ class: "llmnumbers-prompt" });
  const role = view.Decoration.mark({ class: "llmnumbers-role" });

  const magicOf = (doc) => PROMPT_CELL.exec(doc.sliceString(0, HEAD_CHARS));

  // Python's parser takes 16 of the 27 ms of a key in 10 kB of prose (JupyterLab 4.6, 2026-11-28): it mends
  // what it cannot read. And it would indent the line after a role, since that ends in a colon.
  const text = language.StreamLanguage.define({
    name: "prompt",
    token: (stream) => stream.skipToEnd(),
    languageData: { commentTokens: { line: "#" } }, // which takes the magic out of a cell
  });
  const reader = new state.Compartment();
  const readerOf = (magic) => (magic ? state.Prec.highest(text) : []);
  const readAgain = state.EditorState.transactionExtender.of(({ docChanged, startState, newDoc }) => {
    if (!docChanged) return null;
    const magic = magicOf(newDoc);
    return !magic === !magicOf(startState.doc) ? null : { effects: reader.reconfigure(readerOf(magic)) };
  });

  /** The lines that are seen of a prompt, and the roles that begin its messages. */
  function decorate({ state: { doc }, visibleRanges }) {
    const found = new state.RangeSetBuilder();
    const magic = magicOf(doc);
    if (!magic) return found.finish();
    const first = doc.lineAt(magic[0].length).to + 1;
    for (const { from, to } of visibleRanges) {
      for (let at = Math.max(from, first); at <= Math.min(to, doc.length); ) {
        const { from: start, to: end, text: words } = doc.lineAt(at);
        found.add(start, start, line);
        const word = magic[1] === "llmcost" && ROLE.exec(words);
        if (word) found.add(start, start + word[0].length, role);
        at = end + 1;
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
    ".llmnumbers-prompt .llmnumbers-role": {
      color: "var(--jp-mirror-editor-keyword-color)",
      fontWeight: "bold",
    },
  });
  const promptOf = (source) => [reader.of(readerOf(PROMPT_CELL.exec(source))), readAgain, plugin, theme];
  return { promptOf };
}
