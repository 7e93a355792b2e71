import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { type ProcessEnd, type RunningProcess, startProcess } from './process.ts';

const ROOT = join(import.meta.dirname, '../../..');
/**
 * A daemon ends itself, with an error, 5 s after SIGTERM. Only one that is stuck is still there after
 * this time, even on a busy machine.
 */
const STOP_DEADLINE_MS = 60_000;
const TAIL_LINES = 20;

/** One line of a daemon's log. */
export type LogRecord = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

/** The `level` of a warning in the log. */
export const WARNING_LEVEL = 40;

/** A daemon of this repository in a process of its own. Disposing of it kills it. */
export type Daemon = AsyncDisposable & {
  /** Process id; another one after a restart. */
  readonly pid: number;
  /** Lines of the process that runs now, or ran last. */
  readonly lines: RunningProcess['lines'];
  /** The end of the process that runs now, or ran last. */
  readonly exited: Promise<ProcessEnd>;
  hasExited(): boolean;
  /** The lines of its log so far; those of other kinds on stdout are left out. */
  logs(): readonly LogRecord[];
  /** Sends a signal; waits for the end of the process unless it is one that a daemon survives. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it gracefully: SIGTERM, and SIGKILL after 60 s. */
  stop(): Promise<ProcessEnd>;
};

export type StartDaemonOptions = {
  readonly app: 'agent' | 'hub' | 'runner';
  readonly args?: readonly string[];
  /** The daemon's settings. Those in this process's own environment are kept from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A field of the log line that says that it has started. */
  readonly startedField: string;
};

/** A daemon ended before it had started. The message holds the end of what it said. */
export class DaemonEndedError extends Error {
  readonly code = 'daemon_ended';
  readonly end: ProcessEnd;
  readonly stderr: readonly string[];

  constructor(app: string, end: ProcessEnd, lines: RunningProcess['lines']) {
    super(`the ${app} ended at once (code ${end.code}, signal ${end.signal}); it said:\n${tailOf(lines)}`);
    this.name = 'DaemonEndedError';
    this.end = end;
    this.stderr = lines.stderr;
  }
}

/**
 * Starts a daemon from source, and waits until its log says that it has started.
 * @throws DaemonEndedError with the end of its log when it ends before that
 */
export async function startDaemon(
  options: StartDaemonOptions,
): Promise<{ readonly process: RunningProcess; readonly started: LogRecord }> {
  const { app, args = [], env, startedField } = options;
  const child = await startProcess({
    command: process.execPath,
    args: [join(ROOT, 'apps', app, 'src/main.ts'), ...args],
    env: { ...withoutSettings(), ...env },
  });
  try {
    const started = () => logRecords(child).find((record) => record[startedField] !== undefined);
    await eventually(() => child.hasExited() || started(), {
      what: `the ${app} to start`,
    });
    const record = started();
    if (record === undefined) throw new DaemonEndedError(app, await child.exited, child.lines);
    return { process: child, started: record };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    if (error instanceof DaemonEndedError) throw error;
    throw new Error(`the ${app} did not start; it said:\n${tailOf(child.lines)}`, { cause: error });
  }
}

/** What can be done with a daemon, whichever process it is by now. */
export function daemonControls(current: () => RunningProcess) {
  const end = async (signal: NodeJS.Signals): Promise<ProcessEnd> => {
    const child = current();
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    try {
      return await child.exited;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    hasExited: () => current().hasExited(),
    logs: () => logRecords(current()),
    kill: async (signal: NodeJS.Signals) => {
      if (['SIGTERM', 'SIGINT', 'SIGKILL'].includes(signal)) await end(signal);
      else current().kill(signal);
    },
    stop: () => end('SIGTERM'),
  };
}

function logRecords(child: RunningProcess): LogRecord[] {
  return child.lines.stdout.filter((line) => line.startsWith('{"level":')).map((line) => JSON.parse(line));
}

function tailOf({ stdout, stderr }: RunningProcess['lines']): string {
  return [...stdout.slice(-TAIL_LINES), ...stderr.slice(-TAIL_LINES)].join('\n');
}

/** Takes the settings of a daemon out of a child's environment. */
function withoutSettings(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => /^(BOONER_.*|REDIS_.*|HOST|PORT)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
