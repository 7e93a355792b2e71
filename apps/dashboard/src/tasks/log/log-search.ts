import type { LogLine } from '@booner/protocol';
import { indexOfLine } from './log-rows.ts';
import { plainText } from './plain-text.ts';

/** Lines between two checks of the clock. */
const LINES_A_LOOK = 200;

/** Special characters of regular expressions. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

/** Returns a pattern that finds a text literally, ignoring case; `null` for an empty one. */
export const patternOf = (query: string): RegExp | null =>
  query === '' ? null : new RegExp(query.replaceAll(SPECIAL, '\\$&'), 'gi');

/**
 * Finds the lines that contain a match, in small steps and each line once, however often lines are
 * added.
 */
export class LogSearch {
  readonly #pattern: RegExp;
  readonly #found: number[] = [];
  #lastLine = 0;

  constructor(pattern: RegExp) {
    // without `g`, which would remember a position
    this.#pattern = new RegExp(pattern.source, pattern.flags.replace('g', ''));
  }

  /** Numbers of the lines found so far, in order. The array grows in place. */
  get found(): readonly number[] {
    return this.#found;
  }

  /**
   * Searches lines that have not been searched yet.
   * @param isTimeOver called now and then
   * @returns true if all lines were searched
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
