/** The lines in the status bars of notebook cells. */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { Child, type Line, type Request } from "./child";
import type { Place } from "./line_process";
import { pythonFor } from "./python";
import { languageOf, say } from "./texts";

/** Only such a cell leaves the editor; whether it has a line, the process knows. */
const MAGIC = /%(?:llmcost|tokens|gpufit|llmnumbers)\b/;
const MARKS = { info: "", warning: "⚠ ", error: "✖ ", later: "" } as const;

export class Lines implements vscode.NotebookCellStatusBarItemProvider, vscode.Disposable {
  private readonly children = new Map<string, Child>();
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.changed.event;

  /** VS Code asks when a cell comes into view, at each change of its text, and when it has run. */
  async provideCellStatusBarItems(
    cell: vscode.NotebookCell,
    token: vscode.CancellationToken,
  ): Promise<vscode.NotebookCellStatusBarItem[]> {
    const text = cell.document.getText().replaceAll("\r\n", "\n"); // as a kernel gets it
    const settings = vscode.workspace.getConfiguration("llmnumbers", cell.notebook.uri);
    const isCode = cell.kind === vscode.NotebookCellKind.Code;
    if (!isCode || !MAGIC.test(text) || !settings.get("enabled", true)) return [];
    const request: Request = {
      text,
      language: languageOf(settings.get("language", ""), vscode.env.language),
      model: settings.get("model", ""),
      currency: settings.get("currency", ""),
      rate: settings.get("rate", ""),
    };
    const lines = await this.lines(cell.notebook, request, token);
    if (token.isCancellationRequested) return [];
    const hasRun = cell.executionSummary?.success !== undefined;
    return lines
      .filter(({ level }) => level !== "later" || !hasRun)
      .flatMap((line, n) => items(line, request, n > 0));
  }

  /** Have everything counted anew, by new processes: the interpreter, a setting or a notebook has changed. */
  restart(): void {
    for (const child of this.children.values()) child.close();
    this.children.clear();
    this.changed.fire();
  }

  dispose(): void {
    for (const child of this.children.values()) child.close();
    this.children.clear();
    this.changed.dispose();
  }

  private async lines(
    notebook: vscode.NotebookDocument,
    request: Request,
    token: vscode.CancellationToken,
  ): Promise<readonly Line[]> {
    const python = await pythonFor(notebook.uri);
    if (token.isCancellationRequested) return [];
    if (!python) {
      const told = say(
        "live line unavailable: select a Python for this notebook, or name one in the setting llmnumbers.python",
        request.language,
      );
      return [{ parts: [told], level: "error" }];
    }
    return this.child(placeOf(notebook, python)).ask(request, () => token.isCancellationRequested);
  }

  /** One for each interpreter and folder of notebooks: a relative path in a cell is one of its folder. */
  private child(place: Place): Child {
    const key = JSON.stringify(place);
    const child = this.children.get(key) ?? new Child(place);
    this.children.set(key, child);
    return child;
  }
}

/** Where the notebook's kernel runs, and the folder that was opened and trusted. */
function placeOf(notebook: vscode.NotebookDocument, python: string): Place {
  const opened = vscode.workspace.getWorkspaceFolder(notebook.uri) ?? vscode.workspace.workspaceFolders?.[0];
  const beside = notebook.isUntitled ? undefined : dirname(notebook.uri.fsPath);
  // A folder that is gone would be told as a Python that is (microsoft/vscode-languageserver-node#310).
  const folders = [beside, opened?.uri.fsPath].filter((each) => each !== undefined);
  const folder = folders.find((each) => existsSync(each)) ?? homedir();
  const isInside = vscode.workspace.getWorkspaceFolder(notebook.uri) !== undefined;
  return { python, folder, root: isInside && opened ? opened.uri.fsPath : folder };
}

/** An item for each part: VS Code cuts an item at half of the cell's width. The tooltip is the whole line. */
function items(
  { parts, level }: Line,
  { language }: Request,
  isFurther: boolean,
): vscode.NotebookCellStatusBarItem[] {
  const start = (isFurther ? "| " : "") + MARKS[level];
  const label = `${say("Estimate of this cell", language)}: ${MARKS[level]}${parts.join(" · ")}`;
  return parts.map((part, index) => {
    const text = index === 0 ? start + part : `· ${part}`;
    const item = new vscode.NotebookCellStatusBarItem(
      text.replaceAll("$(", "\\$("), // else a dollar before a bracket is an icon's name
      vscode.NotebookCellStatusBarAlignment.Left,
    );
    item.tooltip = parts.join("\n");
    item.accessibilityInformation = { label: index === 0 ? label : part };
    return item;
  });
}
