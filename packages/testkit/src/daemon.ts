import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { type ProcessEnd, type RunningProcess, startProcess } from './process.ts';
import { readStartedForm, type StartedForm } from './started-form.ts';

const ROOT = join(import.meta.dirname, '../../..');
/**
 * A daemon that does not stop within 5 s of SIGTERM ends itself with an error. Even on a busy
 * machine, only a stuck one is still running after this time.
 */
const STOP_DEADLINE_MS = 60_000;
const TAIL_LINES = 20;

/** One line of a daemon's log. */
export type LogRecord = { readonly level: number; readonly msg: string; readonly [field: string]: unknown };

/** The `level` of a warning in the log. */
export const WARNING_LEVEL = 40;

/** The form of each app's first start in this process. */
const forms = new Map<StartDaemonOptions['app'], StartedForm | null>();

/** A running daemon of this repository. Disposing of it kills it. */
export type Daemon = AsyncDisposable & {
  /** Process id. It changes with a restart. */
  readonly pid: number;
  /** Output lines of the current or last process. */
  readonly lines: RunningProcess['lines'];
  /** Resolves when the current or last process ends. */
  readonly exited: Promise<ProcessEnd>;
  hasExited(): boolean;
  /** Returns its log so far, without other lines of stdout. */
  logs(): readonly LogRecord[];
  /** Sends a signal, and waits for the end of the process if the signal ends it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops it gracefully: SIGTERM, and SIGKILL after 60 s. */
  stop(): Promise<ProcessEnd>;
};

export type StartDaemonOptions = {
  readonly app: 'agent' | 'hub' | 'runner';
  readonly args?: readonly string[];
  /** The daemon's settings. It does not inherit settings from this process's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A field of the log line that reports the start. */
  readonly startedField: string;
};

/** Reports a daemon that ended before it had started, with the end of its output. */
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
  const file = join(ROOT, 'apps', app, 'src/main.ts');
  const form = forms.get(app) ?? null;
  const child = await startProcess({
    command: process.execPath,
    args: [...(form?.options ?? []), file, ...args],
    env: { ...withoutSettings(), ...form?.env, ...env },
  });
  try {
    const started = () => logRecords(child).find((record) => record[startedField] !== undefined);
    await eventually(() => child.hasExited() || started(), {
      what: `the ${app} to start`,
    });
    const record = started();
    if (record === undefined) throw new DaemonEndedError(app, await child.exited, child.lines);
    // With a hook, which another clock is, a daemon that starts by itself runs from its sources.
    const hasForm = env.NODE_OPTIONS === undefined && !forms.has(app);
    if (hasForm) forms.set(app, await readStartedForm(child.pid, file));
    return { process: child, started: record };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    if (error instanceof DaemonEndedError) throw error;
    throw new Error(`the ${app} did not start; it said:\n${tailOf(child.lines)}`, { cause: error });
  }
}

/**
 * Returns a daemon whose operations apply to its current process.
 * @param extra its other properties. Getters stay live, which a spread would evaluate.
 */
export function daemonOf<Extra extends AsyncDisposable>(
  current: () => RunningProcess,
  extra: Extra,
): Daemon & Extra {
  const daemon: Omit<Daemon, typeof Symbol.asyncDispose> = daemonControls(current);
  return Object.defineProperties(daemon as Daemon & Extra, Object.getOwnPropertyDescriptors(extra));
}

/** Stops a daemon's process gracefully if it runs. */
export async function stopIfRunning(child: RunningProcess): Promise<void> {
  if (!child.hasExited()) await end(child, 'SIGTERM');
}

async function end(child: RunningProcess, signal: NodeJS.Signals): Promise<ProcessEnd> {
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  try {
    return await child.exited;
  } finally {
    clearTimeout(timer);
  }
}

function daemonControls(current: () => RunningProcess) {
  return {
    get pid() {
      return current().pid;
    },
    get lines() {
      return current().lines;
    },
    get exited() {
      return current().exited;
    },
    hasExited: () => current().hasExited(),
    logs: () => logRecords(current()),
    kill: async (signal: NodeJS.Signals) => {
      if (['SIGTERM', 'SIGINT', 'SIGKILL'].includes(signal)) await end(current(), signal);
      else current().kill(signal);
    },
    stop: () => end(current(), 'SIGTERM'),
  };
}

function logRecords(child: RunningProcess): LogRecord[] {
  return child.lines.stdout.filter((line) => line.startsWith('{"level":')).map((line) => JSON.parse(line));
}

function tailOf({ stdout, stderr }: RunningProcess['lines']): string {
  return [...stdout.slice(-TAIL_LINES), ...stderr.slice(-TAIL_LINES)].join('\n');
}

/** Removes daemon settings from a child's environment. */
function withoutSettings(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => /^(BOONER_.*|REDIS_.*|HOST|PORT)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
