/** The process that counts: what it answers, and how it ends, is ended and is started again. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Child, LIMITS, type Line, type Request } from "../src/child";
import { answers, command, counted, gone, HELLO, PYTHON, remove, temporaryFolder } from "./pythons";

const DEFAULTS = { language: "en", model: "", currency: "", rate: "" } as const;
/** The shape of Llama 3.1 8B: its config.json on the Hub. */
const LLAMA = {
  model_type: "llama",
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  intermediate_size: 14336,
  vocab_size: 128256,
  max_position_embeddings: 131072,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
};
const isWindows = process.platform === "win32" && "the commands of these tests are for a Unix shell";
const TOO_LONG: Line[] = [{ parts: ["too long to count while typing; run the cell"], level: "info" }];
const ENDED: Line[] = [{ parts: ["the process that counts this cell ended; run the cell"], level: "error" }];

describe("a child", { skip: isWindows }, () => {
  const children: Child[] = [];
  let folder = "";

  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.close();
    remove(folder);
  });

  /** A child in the test's folder. The tests need no clock: what is late here is late for good. */
  function child(python: string, limits = {}, now = () => 0): Child {
    const made = new Child({ python, folder, root: folder }, { ...LIMITS, line: 60_000, ...limits }, now);
    children.push(made);
    return made;
  }

  const ask = (of: Child, text = HELLO, more: Partial<Request> = {}) =>
    of.ask({ ...DEFAULTS, text, ...more }, () => false);

  test("answers what the process itself says, with one process for all cells", async () => {
    const python = counted(folder);
    const asked = child(python.path);
    const cells = [HELLO, "%tokens -m gpt-4 hello", "%gpufit 13B --gpu T4", "%llmcost --modle x"];
    const lines = await Promise.all(cells.map((text) => ask(asked, text)));
    assert.deepEqual(
      lines,
      cells.map((text) => answers({ text })),
    );
    assert.equal(python.starts().length, 1);
  });

  test("passes the defaults on", async () => {
    const defaults = { language: "ja", model: "gpt-4", currency: "JPY", rate: "150@2026-11-20" } as const;
    const line = await ask(child(PYTHON), "%%llmcost\nhello world", defaults);
    assert.deepEqual(line, answers({ text: "%%llmcost\nhello world", ...defaults }));
    assert.match(line[0]?.parts.join() ?? "", /gpt-4/);
  });

  test("has no line for a cell without a magic, and tells a refused request", async () => {
    const asked = child(PYTHON);
    assert.deepEqual(await ask(asked, "print('%llmcost')"), []);
    const refused = await ask(asked, HELLO, { model: 4 as unknown as string });
    assert.deepEqual(refused, [{ parts: ['"model" must be a string, not int'], level: "error" }]);
  });

  test("leaves out what nobody waits for any more", async () => {
    const python = counted(folder);
    assert.deepEqual(await child(python.path).ask({ ...DEFAULTS, text: HELLO }, () => true), []);
    assert.equal(python.starts().length, 0);
  });

  test("asks nothing about a cell of a megabyte", async () => {
    const python = counted(folder);
    assert.deepEqual(await ask(child(python.path), `%%llmcost\n${"word ".repeat(200_000)}`), TOO_LONG);
    assert.equal(python.starts().length, 0);
  });

  test("kills what is late with all that it has started, and starts another", async () => {
    // Its first answer is to the warm-up; then it hangs, as a tokenizer may, with a process of its own.
    const late = command(
      folder,
      `read -r warm; echo '{"lines": []}'; sleep 600 & echo $! > '${folder}/its-own'; read -r cell; wait`,
    );
    const asked = child(late.path, { line: 300 });
    assert.deepEqual(await ask(asked), TOO_LONG);
    const [pid = 0] = late.starts();
    await Promise.all([gone(pid), gone(Number(readFileSync(join(folder, "its-own"), "utf8")))]);
    assert.deepEqual(await ask(asked), TOO_LONG);
    assert.equal(late.starts().length, 2);
  });

  test("is started again after a crash", async () => {
    const crashing = command(
      folder,
      `[ -e '${folder}/crashed' ] && exec '${PYTHON}' "$@"
       touch '${folder}/crashed'; read -r warm; echo '{"lines": []}'; read -r cell; exit 3`,
    );
    const asked = child(crashing.path);
    assert.deepEqual(await ask(asked), ENDED);
    assert.deepEqual(await ask(asked), answers({ text: HELLO }));
  });

  test("takes what is no JSON for an end", async () => {
    const babbling = command(
      folder,
      `read -r warm; echo '{"lines": []}'; read -r cell; echo hello; sleep 600`,
    );
    assert.deepEqual(await ask(child(babbling.path)), ENDED);
    await gone(babbling.starts()[0] ?? 0);
  });

  test("waits longer after each failed start, and no longer after one that works", async () => {
    const python = command(folder, `[ -e '${folder}/mended' ] && exec '${PYTHON}' "$@"; exit 3`);
    let now = 0;
    const asked = child(python.path, { pause: 1_000, longestPause: 3_000 }, () => now);
    const startsAt = async (ms: number) => {
      now = ms;
      await ask(asked);
      return python.starts().length;
    };
    // Pauses of 1, 2, 3 and 3 s: what would be 4 s is the longest.
    assert.deepEqual([await startsAt(0), await startsAt(999), await startsAt(1_000)], [1, 1, 2]);
    assert.deepEqual([await startsAt(2_999), await startsAt(3_000)], [2, 3]);
    assert.deepEqual([await startsAt(5_999), await startsAt(6_000)], [3, 4]);
    assert.deepEqual([await startsAt(8_999), await startsAt(9_000)], [4, 5]);
    writeFileSync(join(folder, "mended"), "");
    now = 12_000;
    assert.deepEqual(await ask(asked), answers({ text: HELLO }));
  });

  test("says why it does not start, in the language", async () => {
    const [missing, failing] = [
      join(folder, "none"),
      command(folder, "echo first >&2; echo last >&2; exit 3"),
    ];
    const none = await ask(child(missing));
    assert.match(
      none[0]?.parts[0] ?? "",
      /^live line unavailable: \S+\/none does not start it \(spawn .*ENOENT\)$/,
    );
    const failed = await ask(child(failing.path), HELLO, { language: "ja" });
    assert.deepEqual(failed, [
      { parts: [`ライブ表示を利用できません。${failing.path} で開始できません（last）`], level: "error" },
    ]);
  });

  test("names the package where a Python lacks it", async () => {
    const bare = command(folder, `exec '${PYTHON}' -I -S "$@"`);
    const line = await ask(child(bare.path));
    assert.deepEqual(line[0]?.parts, [`live line unavailable: install ipython-llmnumbers for ${bare.path}`]);
  });

  // psf/black#3906: a formatter's process did not start in a project that has a secrets.py.
  test("does not run a module that lies beside the notebook", async () => {
    for (const name of ["json", "secrets", "ipython_llmnumbers"])
      writeFileSync(join(folder, `${name}.py`), "raise SystemExit('this file was run')");
    assert.deepEqual(await ask(child(PYTHON)), answers({ text: HELLO }));
  });

  // vscode-restructuredtext/vscode-restructuredtext#406: "C:\Program" is not a correct path.
  test("starts a Python whose path has spaces and quotes", async () => {
    const python = counted(join(folder, "Program Files 'x'"), "python 3.exe").path;
    assert.deepEqual(await ask(child(python)), answers({ text: HELLO }));
  });

  test("reads a path of the notebook's folder, and none outside the opened one", async () => {
    const outside = temporaryFolder();
    after(() => remove(outside));
    for (const each of [folder, outside]) writeFileSync(join(each, "config.json"), JSON.stringify(LLAMA));
    const asked = child(PYTHON);
    assert.match((await ask(asked, "%gpufit ./config.json --gpu H100"))[0]?.parts[0] ?? "", /fits/);
    const refused = await ask(asked, `%gpufit ${outside}/config.json --gpu H100`);
    assert.ok(refused[0]?.parts[0]?.includes(outside));
    assert.doesNotMatch(refused[0]?.parts[0] ?? "", /fits/);
  });

  // microsoft/vscode-python#3331: what an extension has started is to end with it.
  test("is gone when it is closed, also in the middle of a line", async () => {
    const hanging = command(
      folder,
      `read -r warm; echo '{"lines": []}'; read -r cell; touch '${folder}/asked'; sleep 600`,
    );
    const asked = child(hanging.path);
    const line = ask(asked);
    while (!existsSync(join(folder, "asked"))) await sleep(10);
    asked.close();
    assert.deepEqual(await line, []);
    await gone(hanging.starts()[0] ?? 0);
    assert.deepEqual(await ask(asked), []);
    assert.equal(hanging.starts().length, 1);
  });
});
