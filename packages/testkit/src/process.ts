import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines kept of each stream. Older ones are dropped. */
const MAX_LINES = 10_000;
/** Limits the wait for output after the end of a process whose children keep its pipes open. */
const DRAIN_MS = 1000;

export type ProcessEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type StartProcessOptions = {
  readonly command: string;
  readonly args?: readonly string[];
  /** Added to this process's environment. `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
};

/**
 * A child process. Disposing of it kills it (SIGKILL, which also ends a stopped process) and waits
 * for its end.
 */
export type RunningProcess = AsyncDisposable & {
  readonly pid: number;
  /** Complete lines so far, at most the last {@link MAX_LINES} of each stream. */
  readonly lines: { readonly stdout: readonly string[]; readonly stderr: readonly string[] };
  readonly exited: Promise<ProcessEnd>;
  hasExited(): boolean;
  kill(signal?: NodeJS.Signals): void;
};

/** Children that must not outlive this process. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/**
 * Starts a process without a shell. It dies with this process.
 * @throws Error of the system (`ENOENT`, `EACCES`) when the command cannot be run
 */
export async function startProcess(options: StartProcessOptions): Promise<RunningProcess> {
  const { command, args = [], env = {}, cwd } = options;
  const child = spawn(command, [...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = { stdout: collectLines(child.stdout), stderr: collectLines(child.stderr) };
  let end: ProcessEnd | null = null;
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      living.delete(child);
      end = { code, signal };
      setTimeout(resolve, DRAIN_MS, end).unref();
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  await once(child, 'spawn');
  living.add(child);
  return {
    pid: child.pid as number,
    lines,
    exited,
    hasExited: () => end !== null,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (end === null) child.kill('SIGKILL');
      await exited;
    },
  };
}

function collectLines(stream: Readable): string[] {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    if (lines.length > MAX_LINES) lines.shift();
  });
  return lines;
}
