/* Run a file of Python in Pyodide, with folders of this machine on its path: `node run.mjs FILE FOLDER…`. */

import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [file, ...folders] = process.argv.slice(2);
const python = await loadPyodide({ stdout: console.log, stderr: console.error });
const path = folders.map((root, number) => {
  const place = `/folder${number}`;
  python.FS.mkdirTree(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root }, place);
  return place;
});
python.globals.set("folders", python.toPy(path));
python.runPython("import sys; sys.path += folders");
python.runPython(readFileSync(file, "utf8"));
