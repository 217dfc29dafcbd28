/* The plugin: where the cells, the kernels and the settings are in JupyterLab 4 and Notebook 7. */

import { makeCells } from "./cells.js";
import { Server } from "./server.js";
import { Told } from "./told.js";

/** The plugin; `shared` gives the module of that name that all extensions get. */
export async function makePlugin(id, shared) {
  const [codemirror, view, state, services, { INotebookTracker }, { IConsoleTracker }, { ISettingRegistry }] =
    await Promise.all(
      [
        "@jupyterlab/codemirror",
        "@codemirror/view",
        "@codemirror/state",
        "@jupyterlab/services",
        "@jupyterlab/notebook",
        "@jupyterlab/console",
        "@jupyterlab/settingregistry",
      ].map(shared),
    );
  const options = { enabled: true };
  const trackers = [];
  const told = new WeakMap(); // by the session of a notebook, which its views share

  /** What the notebook or console has told that a cell is in; null if none has. */
  function toldOf(model) {
    const holds = (panel) =>
      (panel.content?.widgets ?? [panel.console?.promptCell]).some((cell) => cell?.model === model);
    for (const tracker of trackers) {
      const context = tracker.find(holds)?.sessionContext;
      if (!context) continue;
      if (!told.has(context)) told.set(context, new Told(context, services.KernelMessage, cells.refresh));
      return told.get(context);
    }
    return null;
  }

  function requestFor(model, text) {
    const { enabled, ...defaults } = options;
    const here = toldOf(model);
    return { ...(here?.state ? here.about(text) : defaults), text };
  }

  const server = new Server(services.ServerConnection);
  const cells = makeCells({ view, state }, { server, isEnabled: () => options.enabled, requestFor });

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
      for (const tracker of [notebooks, consoles]) if (tracker) trackers.push(tracker);
      registry.addExtension({
        name: id,
        // A file that begins with a magic is no cell; nor is a Markdown or raw cell code.
        factory: ({ inline, model }) =>
          inline && model.type === "code"
            ? codemirror.EditorExtensionRegistry.createImmutableExtension(cells.linesOf(model))
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
