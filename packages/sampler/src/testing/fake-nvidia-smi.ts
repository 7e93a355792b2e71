import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real executable that replaces `nvidia-smi` in tests and records the processes that ran it. */
export type FakeNvidiaSmi = AsyncDisposable & {
  readonly command: string;
  /** Returns the pids and arguments of all starts so far, in order. */
  starts(): Promise<{ pid: number; args: string[] }[]>;
};

/**
 * Writes an executable script.
 * @param body JavaScript that may use `print(text)`, `every(ms, job)` and `sinceStarts`, the number
 * of starts before this one
 */
export async function createFakeNvidiaSmi(body: string): Promise<FakeNvidiaSmi> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-nvidia-smi-'));
  const command = join(folder, 'nvidia-smi');
  const log = join(folder, 'starts.jsonl');
  const script = `#!${process.execPath}
const fs = require('node:fs');
const log = ${JSON.stringify(log)};
const sinceStarts = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\\n').length : 0;
fs.appendFileSync(log, JSON.stringify({ pid: process.pid, args: process.argv.slice(2) }) + '\\n');
const print = (text) => process.stdout.write(text);
const every = (ms, job) => { job(); setInterval(job, ms); };
${body}
`;
  await writeFile(command, script);
  await chmod(command, 0o755);
  return {
    command,
    async starts() {
      const text = await readFile(log, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { pid: number; args: string[] });
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

/**
 * Body that prints the rows of recorded output, as many at each interval as there are GPUs, over
 * and over.
 */
export function replay(recorded: string, { gpus, everyMs }: { gpus: number; everyMs: number }): string {
  return `const rows = ${JSON.stringify(recorded.trim().split('\n'))};
let at = 0;
every(${everyMs}, () => {
  for (let n = 0; n < ${gpus}; n += 1) print(rows[at++ % rows.length] + '\\n');
});`;
}

/** Body that prints recorded output and ends. */
export function sayAndEnd(recorded: string, exitCode: number): string {
  return `print(${JSON.stringify(recorded)}); process.exitCode = ${exitCode};`;
}
