import { MAX_SECRET_BYTES } from '@booner/protocol/limits';
import { findSecretIssue } from '@booner/protocol/secret-value';
import { usageError } from '../errors/cli-error.ts';
import { askHidden } from '../profile/read-secret.ts';
import type { Context } from '../runtime/context.ts';

/**
 * Reads the value of a secret: all of stdin without its last line break, or one line at a prompt
 * without echo.
 * @throws CliError for a value that no secret can have, or on Ctrl-C
 */
export async function readSecretValue({ stdin, stderr }: Pick<Context, 'stdin' | 'stderr'>): Promise<string> {
  const value = stdin.isTTY
    ? await askHidden(stdin, stderr, 'Value: ', MAX_SECRET_BYTES + 1)
    : (await readAll(stdin)).replace(/\r?\n$/, '');
  const issue = findSecretIssue(value);
  if (issue === null) return value;
  throw usageError(
    `the value ${issue}`,
    'enter it at the prompt, or pipe it in: `booner secret set NAME … < FILE`',
  );
}

async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
    bytes += chunk.length;
    if (bytes > MAX_SECRET_BYTES + 2) break; // too large, whatever follows
  }
  return Buffer.concat(chunks).toString();
}
