/** Pythons for the tests: the real one, and commands that write down each start before they become it. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Line } from "../src/child";

/** One in which ipython-llmnumbers is installed. */
export const PYTHON = process.env.LLMNUMBERS_PYTHON ?? "python3";
export const HELLO = "%%llmcost -m gpt-4o\nhello world";
/** How long to wait for what must happen; it happens in a fraction of that. */
const PATIENCE_MS = 60_000;

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "llmnumbers-"));
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A command that stands for a Python: `body` is shell, and `starts` the process of each start. */
export function command(folder: string, body: string, name = "python"): { path: string; starts(): number[] } {
  mkdirSync(folder, { recursive: true });
  const [path, log] = [join(folder, name), join(folder, `${name}.starts`)];
  writeFileSync(log, "");
  writeFileSync(path, `#!/bin/sh\necho $$ >> '${log}'\n${body}\n`, { mode: 0o755 });
  return { path, starts: () => readFileSync(log, "utf8").split("\n").filter(Boolean).map(Number) };
}

/** The real Python, whose starts are counted. */
export function counted(folder: string, name = "python") {
  return command(folder, `exec '${PYTHON}' "$@"`, name);
}

/** One that answers at once and always the same, where a test asks which process is there and not what it says. */
export function quick(folder: string, name = "quick") {
  const answers = `while read -r request; do echo '{"lines": [{"parts": ["x"], "level": "info"}]}'; done`;
  return command(folder, answers, name);
}

const told = new Map<string, Line[]>();

/** What the process itself says to a request, without the extension: the lines of a cell. */
export function answers(request: object): Line[] {
  const input = `${JSON.stringify(request)}\n`;
  const command = ["-m", "ipython_llmnumbers", "line"];
  const found =
    told.get(input) ??
    (JSON.parse(execFileSync(PYTHON, command, { input, encoding: "utf8" })).lines as Line[]);
  told.set(input, found);
  return found;
}

/** The text of the one line of a cell. */
export function answer(request: object): string {
  const [line, ...others] = answers(request);
  if (!line || others.length) throw new Error(`${JSON.stringify(request)} has not one line`);
  return line.parts.join(" · ");
}

/** Wait until a process is gone: ended, or a zombie that nobody reads. */
export async function gone(pid: number): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(20)) {
    try {
      const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
      if (state.startsWith("Z")) return;
    } catch {
      return; // ps knows none of that number
    }
  }
  throw new Error(`process ${pid} goes on`);
}
