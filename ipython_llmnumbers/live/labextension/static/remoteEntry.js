/* The live line in JupyterLab 4 and Notebook 7: a panel inside the cell's own editor.
 *
 * This file is a module federation container written by hand, so that the wheel needs
 * neither node nor a build: JupyterLab loads it, calls `init` with the modules it shares,
 * then `get("./extension")` for the plugin. All counting is done by the Jupyter server.
 */
(() => {
  "use strict";
  const NAME = "ipython-llmnumbers";
  const PLUGIN = `${NAME}:live`;
  const MAGIC = /^%%?(llmcost|tokens|gpufit)(?= |$)/;
  // Requests on their way at once, over all cells; and the time between two of one cell,
  // longer for a long text, so that typing never waits for its own estimate.
  const MOST_REQUESTS = 4;
  const pauseFor = (chars) => Math.min(250, 15 + chars / 1000);
  const MOST_CHARS = 1_000_000;
  const ASK_AGAIN_MS = 30_000;

  // What the page itself says; the server says the rest in the language that the settings name.
  const JAPANESE = {
    "Estimate of this cell": "このセルの見積もり",
    "shown when the cell runs": "セルの実行時に表示します",
    "too long to count while typing; run the cell": "入力中に数えるには長すぎます。セルを実行してください",
    "live line unavailable": "ライブ表示を利用できません",
    "the Jupyter server does not answer": "Jupyter サーバーが応答しません",
    "the Jupyter server does not let you ask for it": "Jupyter サーバーで許可されていません",
    "install ipython-llmnumbers where the Jupyter server runs, and restart it":
      "Jupyter サーバーの環境に ipython-llmnumbers をインストールし、サーバーを再起動してください",
  };
  const say = (text, { language }) => (language === "ja" && JAPANESE[text]) || text;

  let scope; // what JupyterLab shares, by name and version

  /** The module that every other extension gets too: the loaded version, else the newest. */
  async function shared(key) {
    const versions = scope[key];
    if (!versions) throw new Error(`${NAME}: this JupyterLab does not share ${key}`);
    const numbers = (v) => v.split(/[.+-]/).map((n) => parseInt(n, 10) || 0);
    const isNewer = (a, b) => {
      const [left, right] = [numbers(a), numbers(b)];
      const at = left.findIndex((n, i) => n !== (right[i] || 0));
      return at >= 0 && left[at] > (right[at] || 0);
    };
    const [first, ...rest] = Object.keys(versions);
    const best = rest.reduce(
      (a, b) => (!versions[a].loaded && (versions[b].loaded || isNewer(b, a)) ? b : a),
      first,
    );
    return (await versions[best].get())();
  }

  /** Asks the server for lines: a few at a time, and not at all while it has no handler. */
  class Server {
    constructor(connection, options) {
      this.connection = connection;
      this.options = options;
      this.settings = connection.makeSettings();
      this.waiting = [];
      this.running = 0;
      this.unavailable = null;
    }

    async line(text) {
      if (this.unavailable && performance.now() < this.unavailable.until) return this.unavailable.line;
      if (this.running >= MOST_REQUESTS) await new Promise((go) => this.waiting.push(go));
      this.running += 1;
      try {
        return await this.ask(text);
      } finally {
        this.running -= 1;
        this.waiting.shift()?.();
      }
    }

    async ask(text) {
      const request = { method: "POST", body: JSON.stringify({ ...this.options(), text }) };
      let response;
      try {
        const url = `${this.settings.baseUrl}llmnumbers/line`;
        response = await this.connection.makeRequest(url, request, this.settings);
      } catch {
        return this.without("the Jupyter server does not answer");
      }
      if (response.ok) {
        // Null is an answer; the login page of an ended session is none.
        const line = await response.json().catch(() => undefined);
        if (line === undefined) return this.without("the Jupyter server does not let you ask for it");
        this.unavailable = null;
        return line;
      }
      if (response.status === 413)
        return { parts: [say("too long to count while typing; run the cell", this.options())], level: "info" };
      if (response.status === 404)
        return this.without("install ipython-llmnumbers where the Jupyter server runs, and restart it");
      if (response.status === 401 || response.status === 403)
        return this.without("the Jupyter server does not let you ask for it");
      const { message } = await response.json().catch(() => ({}));
      return {
        parts: [message || `the Jupyter server answers with status ${response.status}`],
        level: "error",
        again: response.status === 429,
      };
    }

    without(reason) {
      const [what, why] = ["live line unavailable", reason].map((text) => say(text, this.options()));
      const line = { parts: [`${what}: ${why}`], level: "error" };
      this.unavailable = { line, until: performance.now() + ASK_AGAIN_MS };
      return line;
    }
  }

  async function makePlugin() {
    const [codemirror, view, state, { ServerConnection }, { ISettingRegistry }] = await Promise.all(
      [
        "@jupyterlab/codemirror",
        "@codemirror/view",
        "@codemirror/state",
        "@jupyterlab/services",
        "@jupyterlab/settingregistry",
      ].map(shared),
    );
    const options = { enabled: true };
    const server = new Server(ServerConnection, () => {
      const { enabled, ...sent } = options;
      return sent;
    });
    const settingsChanged = state.StateEffect.define();
    const views = new Set();

    /** The line of one cell. One request at a time, and always the latest text after it. */
    function makePanel(editor) {
      const dom = document.createElement("div");
      dom.className = "llmnumbers-line";
      // Not a live region: a screen reader would speak at every keystroke.
      dom.setAttribute("role", "note");
      let timer = 0;
      let isAsking = false;
      let isStale = false;
      let isClosed = false;
      let askedAt = -Infinity;

      const show = (line) => {
        dom.lang = options.language || "en";
        dom.setAttribute("aria-label", say("Estimate of this cell", options));
        dom.textContent = line.parts.join(" · ");
        dom.dataset.level = line.level;
      };

      const ask = async () => {
        timer = 0;
        if (isAsking || isClosed) return;
        const { doc } = editor.state;
        if (doc.length > MOST_CHARS) {
          show({ parts: [say("too long to count while typing; run the cell", options)], level: "info" });
          return;
        }
        isAsking = true;
        isStale = false;
        askedAt = performance.now();
        let line;
        try {
          line = await server.line(doc.toString());
        } finally {
          isAsking = false;
        }
        if (isClosed) return;
        // Null: the magic's options ask for something that is no estimate, such as --help.
        show(line ?? { parts: [say("shown when the cell runs", options)], level: "info" });
        if (isStale) schedule();
        else if (line?.again && !timer) timer = setTimeout(ask, 1000);
      };

      const schedule = () => {
        isStale = true;
        if (isAsking) return;
        clearTimeout(timer);
        const wait = askedAt + pauseFor(editor.state.doc.length) - performance.now();
        // A request that is due goes out at once: the page is drawn while the server counts.
        if (wait > 0) timer = setTimeout(ask, wait);
        else void Promise.resolve().then(ask);
      };

      schedule();
      return {
        dom,
        update(update) {
          const isNew = update.transactions.some((each) => each.effects.some((e) => e.is(settingsChanged)));
          if (update.docChanged || isNew) schedule();
        },
        destroy() {
          isClosed = true;
          clearTimeout(timer);
        },
      };
    }

    const hasLine = ({ doc }) => options.enabled && MAGIC.test(doc.line(1).text.slice(0, 10));
    const isShown = state.StateField.define({
      create: hasLine,
      update: (_, transaction) => hasLine(transaction.state),
      provide: (field) => view.showPanel.from(field, (on) => (on ? makePanel : null)),
    });
    const register = view.ViewPlugin.define((editor) => {
      views.add(editor);
      return { destroy: () => views.delete(editor) };
    });
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

    function follow(settings) {
      Object.assign(options, settings.composite);
      const effects = settingsChanged.of(null);
      for (const editor of views) editor.dispatch({ effects });
    }

    return {
      id: PLUGIN,
      description: "Tokens, cost and GPU fit under the cell, while it is being written",
      autoStart: true,
      requires: [codemirror.IEditorExtensionRegistry],
      optional: [ISettingRegistry],
      activate(_app, registry, settingRegistry) {
        registry.addExtension({
          name: PLUGIN,
          // A file that begins with a magic is no cell; a Markdown cell is no code.
          factory: ({ inline, model }) =>
            inline && !/markdown|gfm/.test(model.mimeType)
              ? codemirror.EditorExtensionRegistry.createImmutableExtension([isShown, register, theme])
              : null,
        });
        settingRegistry
          ?.load(PLUGIN)
          .then((settings) => {
            follow(settings);
            settings.changed.connect(follow);
          })
          .catch((reason) => console.warn(`${NAME}: the built-in settings are used:`, reason));
      },
    };
  }

  (window._JUPYTERLAB ??= {})[NAME] = {
    init(sharedModules) {
      scope = sharedModules;
    },
    async get(module) {
      if (module !== "./extension") throw new Error(`${NAME} has no module ${module}`);
      const plugin = await makePlugin();
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
