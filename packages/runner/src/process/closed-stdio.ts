import type { StdioOptions } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/**
 * O_CLOEXEC in `flags` of /proc/<pid>/fdinfo (proc(5)). Octal. Valid on all Linux platforms except
 * alpha, parisc and sparc.
 */
const CLOSE_ON_EXEC = 0o2000000;

export type ClosedStdio = Disposable & { readonly stdio: StdioOptions };

/**
 * Opens standard streams for a process that inherits nothing else: no input, output by pipes.
 * Node.js marks its own descriptors as not inheritable. Those that this process got from its
 * parent, such as a lock or a socket, would be passed on; they are covered by /dev/null. Dispose of
 * the result after the spawn.
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

let passedOn: readonly number[] | null = null;

/** Looks once: this process gets no more from its parent. A look takes an eighth of a spawn. */
const findPassedOn = (): readonly number[] => {
  passedOn ??= readPassedOn();
  return passedOn;
};

function readPassedOn(): number[] {
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
