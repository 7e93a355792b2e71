import { createInterface } from 'node:readline';
import { usageError } from '../errors/cli-error.ts';
import type { Context } from './context.ts';

/**
 * Asks a question on stderr. Anything but y or yes means no, and so does the end of the input.
 * @throws CliError if nobody can answer: stdin is not a terminal, or the output is JSON
 */
export async function confirm({ stdin, stderr, isJson }: Context, question: string): Promise<boolean> {
  if (isJson || !stdin.isTTY) {
    const reason = isJson ? 'with --json' : 'because the input is not a terminal';
    throw usageError(`cannot ask for confirmation ${reason}`, 'pass --yes to continue without a question');
  }
  // Without raw mode, Ctrl-C ends the program as usual.
  const lines = createInterface({ input: stdin, terminal: false });
  stderr.write(`${question} [y/N] `);
  for await (const line of lines) return /^\s*y(?:es)?\s*$/i.test(line);
  stderr.write('\n');
  return false;
}
