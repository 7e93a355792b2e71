import type { LogLine } from '@booner/protocol';
import { indexOfLine } from './log-rows.ts';
import { plainText } from './plain-text.ts';

/** The clock is looked at once in so many lines. */
const LINES_A_LOOK = 200;

/** What means something in a regular expression. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

/** What finds a text as it is, whatever its case; `null` for an empty one. */
export const patternOf = (query: string): RegExp | null =>
  query === '' ? null : new RegExp(query.replaceAll(SPECIAL, '\\$&'), 'gi');

/** Finds the lines that contain something, a part of them at a time and each once, however often more lines come. */
export class LogSearch {
  readonly #pattern: RegExp;
  readonly #found: number[] = [];
  #lastLine = 0;

  constructor(pattern: RegExp) {
    this.#pattern = new RegExp(pattern.source, pattern.flags.replace('g', '')); // which remembers no position
  }

  /** Numbers of the lines that were found so far, in order. It grows in place. */
  get found(): readonly number[] {
    return this.#found;
  }

  /**
   * Looks at lines that were not looked at yet.
   * @param isTimeOver asked now and then
   * @returns whether all were looked at
   */
  look(lines: readonly LogLine[], isTimeOver: () => boolean): boolean {
    let index = indexOfLine(lines, this.#lastLine + 1);
    while (index < lines.length) {
      const end = Math.min(index + LINES_A_LOOK, lines.length);
      for (; index < end; index++) {
        const { line, text } = lines[index]!;
        if (this.#pattern.test(plainText(text))) this.#found.push(line);
        this.#lastLine = line;
      }
      if (index < lines.length && isTimeOver()) return false;
    }
    return true;
  }
}
