/** The extension in an editor that is a stand-in, with the real process behind it. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { CancellationToken } from "vscode";
import { type Cell, Editor } from "./editor";
import {
  answer,
  answers,
  command,
  counted,
  gone,
  HELLO,
  PYTHON,
  quick,
  remove,
  temporaryFolder,
} from "./pythons";

const isWindows = process.platform === "win32" && "the commands of these tests are for a Unix shell";
const manifest = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));

describe("the extension", { skip: isWindows }, () => {
  let folder = "";
  let editor: Editor;
  let python: ReturnType<typeof counted>;

  beforeEach(async () => {
    folder = temporaryFolder();
    python = counted(folder);
    editor = new Editor();
    editor.folders = [folder];
    editor.install(python.path);
    await editor.start();
  });
  afterEach(() => {
    editor.stop();
    remove(folder);
  });

  const here = (more: Cell = {}): Cell => ({ path: join(folder, "notebook.ipynb"), ...more });

  test("shows the line of a cell in its status bar", async () => {
    assert.deepEqual(
      editor.registered.map(({ type }) => type),
      ["jupyter-notebook"],
    );
    const items = await editor.items(HELLO, here());
    const parts = answers({ text: HELLO })[0]?.parts ?? [];
    assert.ok(parts.length > 2);
    assert.equal(await editor.line(HELLO, here()), parts.join(" · "));
    assert.deepEqual(new Set(items.map(({ alignment }) => alignment)), new Set([1]));
    assert.deepEqual(new Set(items.map(({ tooltip }) => tooltip)), new Set([parts.join("\n")]));
    const [first, ...others] = items.map((item) => item.accessibilityInformation?.label);
    assert.equal(first, `Estimate of this cell: ${parts.join(" · ")}`);
    assert.deepEqual(others, parts.slice(1));
  });

  // VS Code cuts an item at half of the cell's width (its `getMaxItemWidth`), and leaves out what has no room.
  test("has an item for each part of a line", async () => {
    const items = await editor.items(HELLO, here());
    assert.equal(items.length, answers({ text: HELLO })[0]?.parts.length);
  });

  test("shows a line for each magic of a cell, and what only a run can tell until then", async () => {
    const lines = ["info", "later", "warning"].map((level) => ({ level, parts: [level, "2 tokens"] }));
    const several = command(
      folder,
      `while read -r request; do echo '${JSON.stringify({ lines })}'; done`,
      "several",
    );
    editor.set("python", several.path);
    const shown = (of: Cell) => editor.line(HELLO, here(of));
    assert.equal(await shown({}), "info · 2 tokens | later · 2 tokens | ⚠ warning · 2 tokens");
    assert.equal(await shown({ hasRun: true }), "info · 2 tokens | ⚠ warning · 2 tokens");
  });

  test("follows the text", async () => {
    for (const text of [HELLO, `${HELLO} again`, "%gpufit 13B --gpu H100"])
      assert.equal(await editor.line(text, here()), answer({ text }));
    assert.equal(python.starts().length, 1);
  });

  test("marks a warning and an error", async () => {
    const [full, unknown] = ["%gpufit 70B --gpu T4", "%llmcost --modle gpt-4o x"];
    assert.equal(await editor.line(full, here()), `⚠ ${answer({ text: full })}`);
    assert.equal(await editor.line(unknown, here()), `✖ ${answer({ text: unknown })}`);
  });

  test("asks about every magic of the package, wherever it stands in the cell", async () => {
    editor.set("python", quick(folder).path);
    const names =
      "import json, ipython_llmnumbers.magics as m; print(json.dumps([each.name for each in m.MAGICS]))";
    for (const name of JSON.parse(execFileSync(PYTHON, ["-c", names], { encoding: "utf8" })))
      assert.equal(await editor.line(`# a comment\nx = %${name} hello`, here()), "x", name);
  });

  test("starts nothing for cells of others", async () => {
    for (const text of ["print(1)", "%timeit llmcost", "%llmcosts", "100 % tokens", ""])
      assert.deepEqual(await editor.items(text, here()), []);
    assert.deepEqual(await editor.items(HELLO, here({ kind: 1 })), []);
    assert.equal(python.starts().length, 0);
  });

  test("shows nothing where the process has no line", async () => {
    assert.deepEqual(await editor.items("print('%llmcost')", here()), []);
    assert.equal(python.starts().length, 1);
  });

  test("takes a cell's line breaks as a kernel does", async () => {
    const text = "%%llmcost -m gpt-4o\nhello\n\nworld";
    assert.equal(await editor.line(text.replaceAll("\n", "\r\n"), here()), answer({ text }));
  });

  test("shows a dollar before a bracket as it stands", async () => {
    const text = "%llmcost --$(bug) x";
    const [item] = await editor.items(text, here());
    assert.ok(answer({ text }).includes("$(bug)"));
    assert.ok(item?.text.includes("\\$(bug)"));
    assert.equal(String(item?.tooltip).includes("\\"), false);
  });

  test("drops a line that came too late for its cell", async () => {
    const token = { isCancellationRequested: false };
    const asked = editor.items(HELLO, here({ token: token as CancellationToken }));
    token.isCancellationRequested = true;
    assert.deepEqual(await asked, []);
  });

  test("passes the settings on, and asks again when one changes", async () => {
    await editor.line("%%llmcost\nhello", here());
    editor.set("model", "gpt-4");
    editor.set("currency", "JPY");
    editor.set("rate", "150@2026-11-20");
    assert.equal(editor.nRefreshed, 3);
    const told = answer({
      text: "%%llmcost\nhello",
      model: "gpt-4",
      currency: "JPY",
      rate: "150@2026-11-20",
    });
    assert.equal(await editor.line("%%llmcost\nhello", here()), told);
  });

  test("speaks the editor's language, unless the setting names one", async () => {
    const japanese = answer({ text: HELLO, language: "ja" });
    editor.language = "ja";
    assert.equal(await editor.line(HELLO, here()), japanese);
    editor.set("language", "en");
    assert.equal(await editor.line(HELLO, here()), answer({ text: HELLO }));
    editor.language = "de-CH";
    editor.set("language", "");
    assert.equal(await editor.line(HELLO, here()), answer({ text: HELLO }));
  });

  test("is switched off by its setting, and its process ends", async () => {
    const python = quick(folder);
    editor.set("python", python.path);
    await editor.line(HELLO, here());
    editor.set("enabled", false);
    await gone(python.starts()[0] ?? 0);
    assert.deepEqual(await editor.items(HELLO, here()), []);
    assert.equal(python.starts().length, 1);
  });

  test("has one process for each interpreter", async () => {
    const [one, two] = [quick(folder, "one"), quick(folder, "two")];
    assert.ok(editor.python);
    editor.python.python = one.path;
    editor.python.ofNotebook.set(join(folder, "two.ipynb"), two.path);
    for (const name of ["notebook.ipynb", "two.ipynb", "three.ipynb"])
      await editor.line(HELLO, { path: join(folder, name) });
    assert.deepEqual([one.starts().length, two.starts().length], [1, 1]);
  });

  test("follows the Python extension to another interpreter", async () => {
    const [one, two] = [quick(folder, "one"), quick(folder, "two")];
    assert.ok(editor.python);
    editor.python.python = one.path;
    await editor.line(HELLO, here());
    editor.python.python = two.path;
    editor.python.changed.fire({});
    assert.equal(editor.nRefreshed, 1);
    await gone(one.starts()[0] ?? 0);
    await editor.line(HELLO, here());
    assert.deepEqual([one.starts().length, two.starts().length], [1, 1]);
  });

  test("uses the interpreter that the setting names", async () => {
    const named = quick(folder, "named");
    editor.set("python", named.path);
    await editor.line(HELLO, here());
    assert.deepEqual([python.starts().length, named.starts().length], [0, 1]);
  });

  test("takes the setting as people write it", async () => {
    const [named, path, home] = [quick(folder, "named"), process.env.PATH, process.env.HOME];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is VS Code's own notation
    const written = ["${workspaceFolder}/named", "./named", " named ", "~/named"];
    process.env.PATH = `${folder}:${path}`;
    process.env.HOME = folder;
    try {
      for (const each of written) {
        editor.set("python", each);
        assert.equal(await editor.line(HELLO, { path: join(folder, "deep", "notebook.ipynb") }), "x", each);
      }
    } finally {
      process.env.PATH = path;
      process.env.HOME = home;
    }
    assert.equal(named.starts().length, written.length);
  });

  test("does without the Python extension, and says what to do", async () => {
    for (const lose of [
      () => {
        editor.isPythonBroken = true;
      },
      () => {
        editor.python = undefined;
      },
    ]) {
      lose();
      editor.set("python", "");
      assert.match(
        await editor.line(HELLO, here()),
        /^✖ live line unavailable: select a Python .*llmnumbers\.python$/,
      );
      editor.set("python", quick(folder).path);
      assert.equal(await editor.line(HELLO, here()), "x");
    }
  });

  // microsoft/vscode-languageserver-node#310: a server that was started in a folder that is gone.
  test("works for a notebook without a folder", async () => {
    const expected = answer({ text: HELLO });
    mkdirSync(join(folder, "gone"));
    rmSync(join(folder, "gone"), { recursive: true });
    assert.equal(await editor.line(HELLO, { path: join(folder, "gone", "notebook.ipynb") }), expected);
    assert.equal(await editor.line(HELLO, { path: "Untitled-1.ipynb", isUntitled: true }), expected);
    editor.folders = [];
    assert.equal(await editor.line(HELLO, { path: "Untitled-1.ipynb", isUntitled: true }), expected);
  });

  test("finds a cell's path beside its own notebook", async () => {
    mkdirSync(join(folder, "deep"));
    const config = { model_type: "llama", hidden_size: 4096, num_hidden_layers: 32, num_attention_heads: 32 };
    const more = { num_key_value_heads: 8, intermediate_size: 14336, vocab_size: 128256 };
    writeFileSync(join(folder, "deep", "config.json"), JSON.stringify({ ...config, ...more }));
    const text = "%gpufit ./config.json --gpu H100";
    assert.match(await editor.line(text, { path: join(folder, "deep", "notebook.ipynb") }), /fits/);
    assert.match(await editor.line(text, here()), /^✖/);
  });

  // microsoft/vscode-python#3608: one process more with each file that was opened, none less when it was closed.
  test("ends its processes with the notebooks", async () => {
    const python = quick(folder);
    editor.set("python", python.path);
    await editor.line(HELLO, here());
    editor.closed.fire({ notebookType: "another" });
    assert.equal(editor.nRefreshed, 1); // by the setting
    editor.closed.fire({ notebookType: "jupyter-notebook" });
    await gone(python.starts()[0] ?? 0);
  });

  // microsoft/vscode-python#3331, coder/code-server#4580: processes that outlive the editor.
  test("leaves no process when it is deactivated", async () => {
    const hanging = command(folder, `read -r warm; echo '{"lines": []}'; read -r cell; sleep 600`, "hanging");
    editor.set("python", hanging.path);
    const asked = editor.items(HELLO, here());
    while (hanging.starts().length === 0) await new Promise(setImmediate);
    editor.stop();
    assert.deepEqual(await asked, []);
    await gone(hanging.starts()[0] ?? 0);
  });
});

test("it runs in trusted folders only, where the kernel runs", () => {
  assert.equal(manifest.capabilities.untrustedWorkspaces.supported, false);
  assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
  assert.deepEqual(manifest.extensionKind, ["workspace"]);
  // A folder's own settings name no program before the folder is trusted.
  assert.equal(
    manifest.contributes.configuration.properties["llmnumbers.python"].scope,
    "machine-overridable",
  );
});
