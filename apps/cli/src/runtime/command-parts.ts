import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from './context.ts';

/** Runs what a command does, with the options of that command line. It returns the exit code when that is not 0. */
export type Run = (
  command: Command,
  body: (context: Context) => Promise<number | undefined>,
) => Promise<void>;

/** Shows examples below the help of a command. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ booner ${line}`).join('\n')}`;

/** Reads a whole number from 1 on. */
export const countUpTo = (max: number) => (text: string) => {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new InvalidArgumentError(`must be a whole number from 1 to ${max}.`);
  }
  return count;
};
