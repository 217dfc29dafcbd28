/* The plugin: where the cells, the kernels and the settings are in JupyterLab 4 and Notebook 7. */

import { makeCells } from "./cells.js";
import { makePrompt } from "./prompt.js";
import { Server } from "./server.js";
import { Told } from "./told.js";

/** The plugin; `shared` gives the module of that name that all extensions get. */
export async function makePlugin(id, shared) {
  const [codemirror, view, state, language, services, { INotebookTracker }, { IConsoleTracker }, { ISettingRegistry }] =
    await Promise.all(
      [
        "@jupyterlab/codemirror",
        "@codemirror/view",
        "@codemirror/state",
        "@codemirror/language",
        "@jupyterlab/services",
        "@jupyterlab/notebook",
        "@jupyterlab/console",
        "@jupyterlab/settingregistry",
      ].map(shared),
    );
  const options = { enabled: true };
  const trackers = [];
  const told = new WeakMap(); // by the session of a notebook, which its views share

  /** Hear the kernel of a notebook or console from the beginning. */
  function hear({ sessionContext }) {
    if (!told.has(sessionContext))
      told.set(sessionContext, new Told(sessionContext, services.KernelMessage, cells.refresh));
    // Cells of a second view may have asked before it was known whose they are.
    setTimeout(cells.refresh);
  }

  /** The notebook or console that a cell is in. */
  function panelOf(model) {
    const holds = (panel) =>
      (panel.console ? [panel.console.promptCell] : panel.content.widgets).some((cell) => cell?.model === model);
    return trackers.map((tracker) => tracker.find(holds)).find(Boolean);
  }

  function requestFor(model, text) {
    const { enabled, ...defaults } = options;
    const here = told.get(panelOf(model)?.sessionContext);
    return { ...(here?.state ? here.about(text) : defaults), text };
  }

  const server = new Server(services.ServerConnection);
  const cells = makeCells({ view, state }, { server, isEnabled: () => options.enabled, requestFor });

  const { promptOf } = makePrompt({ view, state, language });

  function follow(settings) {
    Object.assign(options, settings.composite);
    cells.refresh();
  }

  return {
    id,
    description: "Tokens, cost and GPU fit under the cell, while it is being written",
    autoStart: true,
    requires: [codemirror.IEditorExtensionRegistry],
    optional: [INotebookTracker, IConsoleTracker, ISettingRegistry],
    activate(_app, registry, notebooks, consoles, settingRegistry) {
      for (const tracker of [notebooks, consoles].filter(Boolean)) {
        trackers.push(tracker);
        tracker.forEach(hear);
        tracker.widgetAdded.connect((_, panel) => hear(panel));
      }
      registry.addExtension({
        name: id,
        // A file that begins with a magic is no cell; nor is a Markdown or raw cell code.
        factory: ({ inline, model }) =>
          inline && model.type === "code"
            ? codemirror.EditorExtensionRegistry.createImmutableExtension([
                cells.linesOf(model),
                promptOf(model.sharedModel.getSource()),
              ])
            : null,
      });
      settingRegistry
        ?.load(id)
        .then((settings) => {
          follow(settings);
          settings.changed.connect(follow);
        })
        .catch((reason) => console.warn(`${id}: the built-in settings are used:`, reason));
    },
  };
}
