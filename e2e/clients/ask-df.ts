import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Output of `df` for `/`, in bytes and whole percent, which it rounds up. */
export async function askDf() {
  const { stdout } = await run('df', ['--output=size,used,avail,pcent', '-B1', '/']);
  const [size, used, available, percent] = /(\d+) +(\d+) +(\d+) +(\d+)%/.exec(stdout)!.slice(1).map(Number);
  return { size: size!, used: used!, available: available!, percent: percent! };
}
