import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from './context.ts';

/** Runs the body of a command. The body returns its exit code, or `undefined` for 0. */
export type Run = (
  command: Command,
  body: (context: Context) => Promise<number | undefined>,
) => Promise<void>;

/** Formats the examples below the help of a command. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ booner ${line}`).join('\n')}`;

/** Creates a parser for whole numbers from 1 to `max`. */
export const countUpTo = (max: number) => (text: string) => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new InvalidArgumentError(`must be a whole number from 1 to ${max}.`);
  }
  return count;
};
