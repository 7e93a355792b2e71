import type { StdioOptions } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC in `flags` of /proc/<pid>/fdinfo (proc(5)): octal, the same on all of Linux's platforms but alpha, parisc and sparc. */
const CLOSE_ON_EXEC = 0o2000000;

export type ClosedStdio = Disposable & { readonly stdio: StdioOptions };

/**
 * Standard streams of a process that gets nothing else from this one: no input, output by pipes. Node.js opens its own descriptors so
 * that a child does not get them; those that this process was itself given by its parent, a lock or a socket, would be passed on, and
 * are covered by /dev/null. Dispose of it after the spawn.
 */
export function openClosedStdio(): ClosedStdio {
  const stdio: (number | 'ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe'];
  const passedOn = findPassedOn();
  if (passedOn.length === 0) return { stdio, [Symbol.dispose]: () => {} };
  const nothing = openSync('/dev/null', 'r+');
  while (stdio.length <= Math.max(...passedOn)) stdio.push('ignore');
  for (const descriptor of passedOn) stdio[descriptor] = nothing;
  return { stdio, [Symbol.dispose]: () => closeSync(nothing) };
}

function findPassedOn(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fdinfo')
    .map(Number)
    .filter((descriptor) => descriptor > 2 && !isClosedOnExec(descriptor));
}

function isClosedOnExec(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) !== 0;
  } catch (error) {
    // The folder was itself open while it was listed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}
