/** One process `python -m ipython_llmnumbers line`: a JSON object a line each way, in order. */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Which Python, in which folder, and the only folder that a cell's paths are opened in. */
export interface Place {
  readonly python: string;
  readonly folder: string;
  readonly root: string;
}

/** Why there is no answer; the process is gone then. */
export class NoAnswer extends Error {
  constructor(
    reason: string,
    readonly isLate = false,
  ) {
    super(reason);
  }
}

const MOST_REASON_CHARS = 200;
const IS_WINDOWS = process.platform === "win32";

export class LineProcess {
  private readonly child: ChildProcessWithoutNullStreams;
  private waiting: { resolve: (answer: string) => void; reject: (why: NoAnswer) => void } | undefined;
  private complaint = "";
  private isTrusted = false;
  private isEnded = false;

  constructor({ python, folder, root }: Place) {
    this.child = spawn(python, ["-m", "ipython_llmnumbers", "line", "--root", root], {
      cwd: folder,
      // A json.py beside the notebook is not the standard library's (psf/black#3906). Not -I or -P: the
      // first drops PYTHONPATH and editable installs (microsoft/vscode-python#14570), and an old Python,
      // which is to say that it has no such module, does not know the second.
      env: { ...process.env, PYTHONSAFEPATH: "1" },
      detached: !IS_WINDOWS, // a group of its own: what it starts ends with it
      windowsHide: true,
    });
    this.child.stdin.on("error", () => {}); // it is gone: "close" says so
    createInterface({ input: this.child.stdout }).on("line", (line) => this.settle()?.resolve(line));
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => this.hear(text));
    this.child.on("error", (error) => this.gone(error.message));
    this.child.on("close", (code, signal) => this.gone(this.complaint || `it ended: ${code ?? signal}`));
  }

  /** Whether it takes no more requests: it has ended, is being killed, or was never started. */
  get isGone(): boolean {
    const { exitCode, signalCode, pid } = this.child;
    return this.isEnded || exitCode !== null || signalCode !== null || pid === undefined;
  }

  /**
   * The answer to one request. The next request waits for it, and the process is killed when it is late.
   *
   * @throws {NoAnswer} It is late, has ended, or could not be started.
   */
  async ask(request: string, limitMs: number): Promise<unknown> {
    let clock: NodeJS.Timeout | undefined;
    try {
      const line = await new Promise<string>((resolve, reject) => {
        this.waiting = { resolve, reject };
        clock = setTimeout(() => {
          this.settle()?.reject(new NoAnswer(`no answer within ${limitMs / 1000} s`, true));
          this.end();
        }, limitMs);
        // Where it could not be started, "error" is still to come.
        if (this.isGone && this.child.pid !== undefined) this.gone(this.complaint || "it has ended");
        else this.child.stdin.write(`${request}\n`);
      });
      this.isTrusted = true;
      return JSON.parse(line) as unknown;
    } catch (error) {
      this.end();
      throw error instanceof NoAnswer ? error : new NoAnswer("its answer is no JSON");
    } finally {
      clearTimeout(clock);
    }
  }

  /** Kill it, and what it has started. */
  end(): void {
    if (this.isGone) return;
    this.isEnded = true;
    try {
      if (IS_WINDOWS) this.child.kill("SIGKILL");
      else process.kill(-(this.child.pid ?? 0), "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }

  /** Its last line on stderr says why it does not start. Later a library may quote the cell: never kept. */
  private hear(text: string): void {
    if (this.isTrusted) return;
    this.complaint = (text.trim().split("\n").pop() ?? "").slice(0, MOST_REASON_CHARS);
  }

  private gone(reason: string): void {
    this.settle()?.reject(new NoAnswer(reason));
  }

  private settle() {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }
}
