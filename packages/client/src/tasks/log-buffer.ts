import type { LogLine } from '@booner/protocol';
import type { BoonerError } from '../http/booner-error.ts';

/** Lines kept per log. The first ones are dropped. */
const MAX_LINES = 100_000;
/** Excess lines that may accumulate, since each cut copies all lines. */
const SLACK_LINES = 5000;

/** Output of a task, as far as it is known. */
export type TaskLog = {
  /** In order. Missing numbers belong to dropped lines. */
  readonly lines: readonly LogLine[];
  /**
   * Lines after the start that are not in `lines`: older than the tail, dropped on their way, or
   * more than are kept here. Lines dropped after the last one are counted with the next line or at
   * the end. The numbers of `lines` show the gaps.
   */
  readonly droppedLines: number;
  /** Number of the last line so far, including dropped ones. */
  readonly lastLine: number;
  /** True once anything of the log has arrived. */
  readonly isLoaded: boolean;
  /** The task has ended, and the log is complete. */
  readonly isEnded: boolean;
  /** The error that ended the log, if any. */
  readonly error: BoonerError | null;
};

export const EMPTY_LOG: TaskLog = {
  lines: [],
  droppedLines: 0,
  lastLine: 0,
  isLoaded: false,
  isEnded: false,
  error: null,
};

/** Collects the lines of one log, each once and in order, whichever way they arrive. */
export class LogBuffer {
  readonly #startAfterLine: number;
  #lines: LogLine[] = [];
  #lastLine: number | null;
  #isLoaded = false;
  #isEnded = false;
  #error: BoonerError | null = null;

  /**
   * @param afterLine number of the line after which to start; `null`: start with the tail, wherever
   * that begins
   */
  constructor(afterLine: number | null) {
    this.#startAfterLine = afterLine ?? 0;
    this.#lastLine = afterLine;
  }

  /** Number of the line after which to continue. `null`: start with the tail. */
  get lastLine(): number | null {
    return this.#lastLine;
  }

  get isOver(): boolean {
    return this.#isEnded || this.#error !== null;
  }

  /** @param droppedLines lines dropped before `lines`, or after the last line if there are none */
  take(lines: readonly LogLine[], droppedLines: number): void {
    if (this.isOver) return;
    this.#isLoaded = true;
    const after = this.#lastLine ?? 0;
    const news =
      lines[0] !== undefined && lines[0].line > after ? lines : lines.filter(({ line }) => line > after);
    for (const line of news) this.#lines.push(line);
    this.#lastLine = news.at(-1)?.line ?? after + (lines.length === 0 ? droppedLines : 0);
    if (this.#lines.length > MAX_LINES + SLACK_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
  }

  end(): void {
    if (this.#error === null) this.#isEnded = true;
    this.#isLoaded = true;
  }

  fail(error: BoonerError): void {
    if (!this.#isEnded) this.#error = error;
  }

  snapshot(): TaskLog {
    const lines = this.#lines.slice(-MAX_LINES);
    const lastLine = this.#lastLine ?? 0;
    return {
      lines,
      droppedLines: Math.max(0, lastLine - this.#startAfterLine - lines.length),
      lastLine,
      isLoaded: this.#isLoaded,
      isEnded: this.#isEnded,
      error: this.#error,
    };
  }
}
