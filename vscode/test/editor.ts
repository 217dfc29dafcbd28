/**
 * What stands in for the module `vscode`, which exists in the editor alone. Import it before the extension.
 *
 * It has what the extension uses, and does with it what `@types/vscode` says.
 */

import { EventEmitter } from "node:events";
import Module from "node:module";
import { dirname } from "node:path";
import type * as vscode from "vscode";

class Uri {
  constructor(
    readonly scheme: string,
    readonly fsPath: string,
  ) {}
}

class Emitter<T> {
  private readonly emitter = new EventEmitter();
  readonly event = (listener: (value: T) => void) => {
    this.emitter.on("it", listener);
    return { dispose: () => this.emitter.off("it", listener) };
  };
  fire(value: T): void {
    this.emitter.emit("it", value);
  }
  dispose(): void {
    this.emitter.removeAllListeners();
  }
}

class NotebookCellStatusBarItem {
  constructor(
    readonly text: string,
    readonly alignment: number,
  ) {}
}

/** The Python extension: an interpreter for each notebook, and one for all others. */
class PythonExtension {
  readonly changed = new Emitter<unknown>();
  readonly ofNotebook = new Map<string, string>();
  readonly environments = {
    getActiveEnvironmentPath: (resource: Uri) => ({
      path: this.ofNotebook.get(resource.fsPath) ?? this.python,
    }),
    resolveEnvironment: async ({ path }: { path: string }) =>
      path ? { executable: { uri: new Uri("file", path) } } : undefined,
    onDidChangeActiveEnvironmentPath: this.changed.event,
  };
  constructor(public python: string) {}
}

/** One editor, with the settings, folders and extensions that a test gives it. */
export class Editor {
  settings: Record<string, unknown> = {};
  folders: string[] = [];
  language = "en";
  python: PythonExtension | undefined;
  isPythonBroken = false;
  readonly configuration = new Emitter<vscode.ConfigurationChangeEvent>();
  readonly closed = new Emitter<unknown>();
  readonly context = { subscriptions: [] as { dispose(): unknown }[] };
  readonly registered: { type: string; provider: vscode.NotebookCellStatusBarItemProvider }[] = [];
  /** How often it was told to ask for all items again. */
  nRefreshed = 0;

  install(python: string): PythonExtension {
    this.python = new PythonExtension(python);
    return this.python;
  }

  set(name: string, value: unknown): void {
    this.settings[name] = value;
    this.configuration.fire({ affectsConfiguration: (section) => section === "llmnumbers" });
  }

  /** Activate the extension in this editor. */
  async start(): Promise<this> {
    now = this;
    const { activate } = await import("../src/extension.js");
    await activate(this.context as unknown as vscode.ExtensionContext);
    for (const { provider } of this.registered)
      provider.onDidChangeCellStatusBarItems?.(() => {
        this.nRefreshed += 1;
      });
    return this;
  }

  /** Deactivate it, as the editor does with what an extension subscribed. */
  stop(): void {
    for (const each of this.context.subscriptions.splice(0)) each.dispose();
  }

  /** What the status bar of a cell shows. */
  async items(text: string, of: Cell = {}): Promise<vscode.NotebookCellStatusBarItem[]> {
    const {
      path = "/nowhere/notebook.ipynb",
      kind = 2,
      isUntitled = false,
      hasRun = false,
      token = never,
    } = of;
    const cell = {
      kind,
      executionSummary: hasRun ? { success: true } : undefined,
      document: { getText: () => text },
      notebook: { uri: new Uri(isUntitled ? "untitled" : "file", path), isUntitled },
    };
    const asked = this.registered.map(({ provider }) =>
      provider.provideCellStatusBarItems(cell as unknown as vscode.NotebookCell, token),
    );
    return (await Promise.all(asked)).flatMap((each) => each ?? []);
  }

  /** The texts of a cell's items, as they stand beside each other. */
  async line(text: string, of: Cell = {}): Promise<string> {
    const items = await this.items(text, of);
    if (items.length === 0) throw new Error("no items");
    return items.map((item) => item.text).join(" ");
  }
}

export interface Cell {
  path?: string;
  kind?: number;
  isUntitled?: boolean;
  hasRun?: boolean;
  token?: vscode.CancellationToken;
}

const never = { isCancellationRequested: false } as vscode.CancellationToken;
let now: Editor;

const folderOf = (path: string) => now.folders.find((each) => dirname(path).startsWith(each));
const asFolder = (path: string | undefined) => (path ? { uri: new Uri("file", path) } : undefined);

const stub = {
  EventEmitter: Emitter,
  NotebookCellStatusBarItem,
  NotebookCellKind: { Markup: 1, Code: 2 },
  NotebookCellStatusBarAlignment: { Left: 1, Right: 2 },
  env: {
    get language() {
      return now.language;
    },
  },
  extensions: {
    getExtension: (id: string) =>
      id === "ms-python.python" && now.python
        ? { activate: async () => (now.isPythonBroken ? Promise.reject(new Error("broken")) : now.python) }
        : undefined,
  },
  notebooks: {
    registerNotebookCellStatusBarItemProvider: (
      type: string,
      provider: vscode.NotebookCellStatusBarItemProvider,
    ) => {
      now.registered.push({ type, provider });
      return { dispose: () => now.registered.splice(0) };
    },
  },
  workspace: {
    getConfiguration: () => ({ get: (name: string, otherwise: unknown) => now.settings[name] ?? otherwise }),
    getWorkspaceFolder: ({ fsPath }: Uri) => asFolder(folderOf(fsPath)),
    get workspaceFolders() {
      return now.folders.map(asFolder);
    },
    onDidChangeConfiguration: (call: (change: vscode.ConfigurationChangeEvent) => void) =>
      now.configuration.event(call),
    onDidCloseNotebookDocument: (call: (closed: unknown) => void) => now.closed.event(call),
  },
};

// Node has no public way to say what a name stands for; every CommonJS `require` passes here.
const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
const load = loader._load;
loader._load = (name, ...rest) => (name === "vscode" ? stub : load(name, ...rest));
