/** Lines from a process that is started when it is first needed, killed when it is late, and started again. */

import { LineProcess, NoAnswer, type Place } from "./line_process";
import { type Language, say } from "./texts";

/**
 * What is shown of one magic: parts to set side by side, and whether they are a warning or an error.
 *
 * `later` is neither: what only a run can tell, which is known once the cell has run.
 */
export interface Line {
  readonly parts: readonly string[];
  readonly level: "info" | "warning" | "error" | "later";
}

/** The cell, and what its first line may leave out. */
export interface Request {
  readonly text: string;
  readonly language: Language;
  readonly model: string;
  readonly currency: string;
  readonly rate: string;
}

/** How long to wait, in milliseconds. The package's own front ends wait as long (its `live/child.py`). */
export interface Limits {
  readonly line: number;
  /** The tokenizer and the prices are loaded: half a second, ten on a small busy machine. */
  readonly start: number;
  /** After a failed start; twice as long after each further one. */
  readonly pause: number;
  readonly longestPause: number;
}

export const LIMITS: Limits = { line: 2_000, start: 30_000, pause: 2_000, longestPause: 60_000 };
/** The process refuses what is longer. */
const MOST_REQUEST_BYTES = 1_000_000;
const WARM = JSON.stringify({ text: "%llmcost warm zqxjkvbw" });

class CannotStart extends Error {}

export class Child {
  private process: LineProcess | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private failures = 0;
  private notBefore = 0;
  private reason = "";
  private isClosed = false;

  constructor(
    private readonly place: Place,
    private readonly limits: Limits = LIMITS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * The lines of a cell, one for each magic; none where nobody waits for them any more.
   *
   * @param isStale Asked when the lines before this one are done.
   */
  ask(request: Request, isStale: () => boolean): Promise<readonly Line[]> {
    const answer = this.last.then(() => (this.isClosed || isStale() ? [] : this.answer(request)));
    this.last = answer.catch(() => {});
    return answer;
  }

  /** End the process, for good. */
  close(): void {
    this.isClosed = true;
    this.process?.end();
  }

  private async answer(request: Request): Promise<readonly Line[]> {
    const { language } = request;
    const text = JSON.stringify(request);
    if (Buffer.byteLength(text) > MOST_REQUEST_BYTES) return [tooLong(language)];
    try {
      const process = await this.started();
      return linesIn(await process.ask(text, this.limits.line));
    } catch (error) {
      if (this.isClosed) return [];
      if (error instanceof CannotStart) return [this.unavailable(language)];
      if (error instanceof NoAnswer && error.isLate) return [tooLong(language)];
      return [problem(say("the process that counts this cell ended; run the cell", language))];
    }
  }

  /** The process that runs, or a new one; after a failure not before a pause. */
  private async started(): Promise<LineProcess> {
    if (this.process && !this.process.isGone) return this.process;
    if (this.now() < this.notBefore) throw new CannotStart();
    try {
      this.process = new LineProcess(this.place);
      await this.process.ask(WARM, this.limits.start);
    } catch (error) {
      this.reason = error instanceof NoAnswer ? error.message : String(error);
      const pause = Math.min(this.limits.pause * 2 ** this.failures, this.limits.longestPause);
      this.failures += 1;
      this.notBefore = this.now() + pause;
      throw new CannotStart();
    }
    this.failures = 0;
    return this.process;
  }

  private unavailable(language: Language): Line {
    const { python } = this.place;
    const told = /No module named '?ipython_llmnumbers/.test(this.reason)
      ? say("live line unavailable: install ipython-llmnumbers for {python}", language, { python })
      : say("live line unavailable: {python} does not start it ({reason})", language, {
          python,
          reason: this.reason,
        });
    return problem(told);
  }
}

/** `{"lines": […]}` or `{"error": …}`. */
function linesIn(answer: unknown): readonly Line[] {
  const { lines, error } = answer as { lines?: Line[]; error?: string };
  if (error !== undefined) return [problem(error)];
  return lines ?? [];
}

function problem(text: string): Line {
  return { parts: [text], level: "error" };
}

function tooLong(language: Language): Line {
  return { parts: [say("too long to count while typing; run the cell", language)], level: "info" };
}
