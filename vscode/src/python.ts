/** Which Python counts for a notebook. */

import { homedir } from "node:os";
import { resolve } from "node:path";
import * as vscode from "vscode";

/** The part of the Python extension's public interface that is used: npm `@vscode/python-extension` 1.0.6. */
interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(
      environment: unknown,
    ): Promise<{ readonly executable: { readonly uri: vscode.Uri | undefined } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

/** Undefined where it is not installed, or does not start. */
async function pythonExtension(): Promise<PythonExtension | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  try {
    return await extension?.activate();
  } catch {
    return undefined;
  }
}

/**
 * The interpreter that the setting names, else the Python extension's for this notebook.
 *
 * For a notebook with a kernel of the Jupyter extension that is the kernel's (microsoft/vscode-python#24358).
 */
export async function pythonFor(notebook: vscode.Uri): Promise<string | undefined> {
  const named = vscode.workspace.getConfiguration("llmnumbers", notebook).get<string>("python", "");
  if (named) return commandOf(named, vscode.workspace.getWorkspaceFolder(notebook)?.uri.fsPath ?? "");
  const environments = (await pythonExtension())?.environments;
  if (!environments) return undefined;
  // The path may be that of an environment's folder; the resolved one has the executable.
  const found = await environments.resolveEnvironment(environments.getActiveEnvironmentPath(notebook));
  return found?.executable.uri?.fsPath;
}

/**
 * A command as people write it into a setting, as one that can be started.
 *
 * VS Code puts nothing in the place of `${workspaceFolder}` there (microsoft/vscode-python#691), and a relative
 * path would be one of the process's own folder. A bare name is looked for on the PATH.
 */
function commandOf(written: string, folder: string): string {
  const command = written.trim().replace(/\$\{workspaceFolder\}/, () => folder);
  if (!/[/\\]/.test(command)) return command;
  return resolve(
    folder,
    command.replace(/^~(?=[/\\])/, () => homedir()),
  );
}

/** Call back when a notebook, or a folder, gets another interpreter. */
export async function onOtherPython(call: () => void): Promise<vscode.Disposable | undefined> {
  return (await pythonExtension())?.environments.onDidChangeActiveEnvironmentPath(call);
}
