/* The live line in JupyterLab 4 and Notebook 7: a panel inside the cell's own editor.
 *
 * This file is a module federation container written by hand, so that the wheel needs
 * neither node nor a build: JupyterLab loads it, calls `init` with the modules it shares,
 * then `get("./extension")` for the plugin. All counting is done by the Jupyter server.
 */
(() => {
  "use strict";
  const NAME = "ipython-llmnumbers";
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

  (window._JUPYTERLAB ??= {})[NAME] = {
    init(sharedModules) {
      scope = sharedModules;
    },
    async get(module) {
      if (module !== "./extension") throw new Error(`${NAME} has no module ${module}`);
      const { makePlugin } = await import("./plugin.js");
      const plugin = await makePlugin(`${NAME}:live`, shared);
      return () => ({ __esModule: true, default: plugin });
    },
  };
})();
