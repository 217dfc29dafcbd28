/* The lines of a cell in its own editor: who asks for them, and the panel that shows them. */

import { say, tooLong } from "./server.js";

// As in `cell.py`: what the server is asked about.
const MAY_BE_LIVE = /^(?:[^=%#\n]*=)?[ \t]*(?:%\w+[ \t]+)?%%?(?:llmcost|tokens|gpufit)(?!\w)/m;
// The time between two requests of one cell, longer for a long text, so that typing never waits for its
// own estimate. The process that counts takes a millisecond for 10 kB and three for 100 kB.
const pauseFor = (chars) => Math.min(250, 10 + chars / 4000);
const MOST_CHARS = 1_000_000;

/** `linesOf(model)`: what the editor of a cell needs. And `refresh()`: what a line is made of may be another.
 *
 * `isEnabled()`, `requestFor(model, text)` and `server` are asked at each change.
 */
export function makeCells({ view, state }, { server, isEnabled, requestFor }) {
  const views = new Set();
  const refreshed = state.StateEffect.define();
  const answered = state.StateEffect.define();

  function refresh() {
    const effects = refreshed.of(null);
    for (const editor of views) editor.dispatch({ effects });
  }

  /** Asks for the lines of one cell: one request at a time, and always the latest text after it. */
  class Asker {
    constructor(editor, model) {
      this.editor = editor;
      this.model = model;
      this.timer = 0;
      this.isAsking = this.isStale = this.isClosed = false;
      this.askedAt = -Infinity;
      this.answeredBody = null;
      views.add(editor);
      // Not before the cell is in its notebook.
      this.timer = setTimeout(() => this.ask());
    }

    update(update) {
      const isNew = update.transactions.some((each) => each.effects.some((e) => e.is(refreshed)));
      if (update.docChanged || isNew) this.schedule();
    }

    destroy() {
      this.isClosed = true;
      views.delete(this.editor);
      clearTimeout(this.timer);
    }

    schedule() {
      this.isStale = true;
      if (this.isAsking) return;
      clearTimeout(this.timer);
      const wait = this.askedAt + pauseFor(this.editor.state.doc.length) - performance.now();
      // A request that is due goes out before the editor draws the key: the server counts meanwhile.
      if (wait > 0) this.timer = setTimeout(() => this.ask(), wait);
      else void this.ask();
    }

    async ask() {
      this.timer = 0;
      if (this.isAsking || this.isClosed) return;
      this.isStale = false;
      if (!mayHaveLines(this.editor.state)) {
        this.answeredBody = null;
        return;
      }
      const text = this.editor.state.doc.toString();
      const request = requestFor(this.model, text);
      const isTooLong = text.length > MOST_CHARS;
      const body = isTooLong ? null : JSON.stringify(request);
      if (body === this.answeredBody && !isTooLong) return;
      this.isAsking = true;
      this.askedAt = performance.now();
      let answer;
      try {
        // Awaited in any case: nothing may be shown within an update of the editor.
        answer = await (isTooLong ? { lines: [tooLong(request)] } : server.lines(body, request.language));
      } finally {
        this.isAsking = false;
      }
      if (this.isClosed) return;
      this.answeredBody = answer.failed ? null : body;
      this.show(answer, request);
      if (this.isStale) this.schedule();
      else if (answer.again && !this.timer) this.timer = setTimeout(() => this.ask(), 1000);
    }

    show({ lines }, { language }) {
      // The magic may be gone meanwhile.
      if (mayHaveLines(this.editor.state))
        this.editor.dispatch({ effects: answered.of({ lines, language: language || "en" }) });
    }
  }

  const NOTHING = { lines: [], language: "en" };
  const mayHaveLines = ({ doc }) => isEnabled() && MAY_BE_LIVE.test(doc.toString());

  const theme = view.EditorView.baseTheme({
    ".llmnumbers-line": {
      padding: "2px 8px",
      fontFamily: "var(--jp-ui-font-family)",
      fontSize: "var(--jp-ui-font-size1)",
      color: "var(--jp-ui-font-color1)",
      backgroundColor: "var(--jp-layout-color2)",
      overflowWrap: "anywhere",
    },
    ".llmnumbers-line[data-level=warning]::before": { content: '"⚠ "' },
    ".llmnumbers-line[data-level=error]::before": { content: '"✖ "' },
  });

  /** What a cell's editor needs: its lines, who asks for them, and the panel that shows them. */
  function linesOf(model) {
    // What only a run can tell has nothing more to say once the cell has run.
    const hasRun = () => Number.isInteger(model.executionCount) && !model.isDirty;
    const shown = ({ lines }) => lines.filter(({ level }) => level !== "later" || !hasRun());

    function makePanel(editor) {
      const dom = document.createElement("div");
      dom.className = "llmnumbers-lines";
      // Not a live region: a screen reader would speak at every keystroke.
      dom.setAttribute("role", "note");
      const draw = () => {
        const answer = editor.state.field(field);
        dom.lang = answer.language;
        dom.setAttribute("aria-label", say("Estimate of this cell", answer));
        const rows = shown(answer).map(({ parts, level }) => {
          const row = document.createElement("div");
          row.className = "llmnumbers-line";
          row.textContent = parts.join(" · ");
          row.dataset.level = level;
          return row;
        });
        dom.replaceChildren(...rows);
      };
      draw();
      model.stateChanged?.connect(draw);
      return {
        dom,
        update(update) {
          if (update.startState.field(field) !== update.state.field(field)) draw();
        },
        destroy() {
          model.stateChanged?.disconnect(draw);
        },
      };
    }

    const field = state.StateField.define({
      create: () => NOTHING,
      update(value, transaction) {
        for (const effect of transaction.effects) if (effect.is(answered)) return effect.value;
        const isTouched = transaction.docChanged || transaction.effects.some((e) => e.is(refreshed));
        return isTouched && value.lines.length && !mayHaveLines(transaction.state) ? NOTHING : value;
      },
      provide: (self) => view.showPanel.from(self, ({ lines }) => (lines.length ? makePanel : null)),
    });
    return [field, view.ViewPlugin.define((editor) => new Asker(editor, model)), theme];
  }

  return { linesOf, refresh };
}
