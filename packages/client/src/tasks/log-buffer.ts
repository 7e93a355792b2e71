import type { LogLine } from '@booner/protocol';
import type { BoonerError } from '../http/booner-error.ts';

/** Lines that are kept of one log; the first ones go. */
const MAX_LINES = 100_000;
/** So many more may gather before they go: cutting each time would copy all of them each time. */
const SLACK_LINES = 5000;

/** What is known of a task's output. */
export type TaskLog = {
  /** In order. Numbers that are missing are of lines that were dropped. */
  readonly lines: readonly LogLine[];
  /**
   * Lines after where it began that are not in `lines`: from before the tail, dropped on their way, or more than are kept here. What was
   * dropped after the last line is known when more comes, or with the end. The numbers of `lines` show which ones are missing.
   */
  readonly droppedLines: number;
  /** Number of the last line so far, dropped ones included. */
  readonly lastLine: number;
  /** Whether anything was heard of the log yet. */
  readonly isLoaded: boolean;
  /** The task has ended, and this is all. */
  readonly isEnded: boolean;
  /** Why nothing more comes, if so. */
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

/** Gathers the lines of one log, each once and in order, whichever way they come. */
export class LogBuffer {
  readonly #startAfterLine: number;
  #lines: LogLine[] = [];
  #lastLine: number | null;
  #isLoaded = false;
  #isEnded = false;
  #error: BoonerError | null = null;

  /** @param afterLine the line after which it begins; `null`: with the tail, wherever that begins */
  constructor(afterLine: number | null) {
    this.#startAfterLine = afterLine ?? 0;
    this.#lastLine = afterLine;
  }

  /** Where to go on; `null`: with the tail. */
  get lastLine(): number | null {
    return this.#lastLine;
  }

  get isOver(): boolean {
    return this.#isEnded || this.#error !== null;
  }

  /** @param droppedLines of those before `lines`, or after the last line when there are none */
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
