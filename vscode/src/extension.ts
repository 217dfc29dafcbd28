/** The live line of ipython-llmnumbers in the status bar of each notebook cell. */

import * as vscode from "vscode";
import { Lines } from "./lines";
import { onOtherPython } from "./python";

const TYPE = "jupyter-notebook";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const lines = new Lines();
  context.subscriptions.push(
    lines, // disposed of when the extension is deactivated: that ends the processes
    vscode.notebooks.registerNotebookCellStatusBarItemProvider(TYPE, lines),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("llmnumbers")) lines.restart();
    }),
    // A process may be of a folder that no open notebook is in any more.
    vscode.workspace.onDidCloseNotebookDocument(({ notebookType }) => {
      if (notebookType === TYPE) lines.restart();
    }),
  );
  const listener = await onOtherPython(() => lines.restart());
  if (listener) context.subscriptions.push(listener);
}
