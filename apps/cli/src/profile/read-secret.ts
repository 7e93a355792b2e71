import { usageError } from '../errors/cli-error.ts';
import { interruptedError } from '../terminal/interrupted.ts';

/** Tokens are shorter. */
const MAX_CHARACTERS = 4096;

/**
 * Reads a secret from a terminal without echo, or else the first line of stdin.
 * @throws CliError for empty input, or on Ctrl-C
 */
export async function readSecret(
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  prompt: string,
): Promise<string> {
  const secret = (
    stdin.isTTY ? await askHidden(stdin, stderr, prompt, MAX_CHARACTERS) : await readFirstLine(stdin)
  ).trim();
  if (secret === '')
    throw usageError('no token given', 'paste it at the prompt, or pipe it in: `booner login < FILE`');
  return secret;
}

async function readFirstLine(stdin: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > MAX_CHARACTERS) break;
  }
  return text.split('\n', 1)[0] ?? '';
}

/**
 * Asks for one line at a terminal, without echo. Uses raw mode, so this handles keys itself.
 * @param maxCharacters further ones are ignored
 * @throws CliError on Ctrl-C
 */
export function askHidden(
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  prompt: string,
  maxCharacters: number,
): Promise<string> {
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stderr.write(prompt); // only now: text pasted at the prompt must not be echoed
  return new Promise((resolve, reject) => {
    let text = '';
    const end = () => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
    };
    const onData = (chunk: string) => {
      for (const key of chunk.replaceAll('\u001b[200~', '').replaceAll('\u001b[201~', '')) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          end();
          return resolve(text);
        }
        if (key === '\u0003') {
          end();
          return reject(interruptedError());
        }
        if (key === '\u007f' || key === '\b') text = text.slice(0, -1);
        else if (key >= ' ') text = (text + key).slice(0, maxCharacters);
      }
    };
    stdin.on('data', onData);
    stdin.resume();
  });
}
