import { ConfigError, EX_CONFIG } from './config.ts';
import { isJournal, journalErrors } from './journal.ts';

/** Default time limit of a stop. The process then ends whatever still runs. */
const STOP_DEADLINE_MS = 5000;

export type RunMainOptions = {
  /**
   * `null`: a stop takes as long as main takes, for daemons that finish their work. A second signal
   * still ends it.
   */
  readonly stopDeadlineMs?: number | null;
};

/** A failure that the operator has to fix. Its message goes to stderr as it is, without a stack. */
export class StartError extends Error {
  readonly code = 'cannot_start';
  readonly failureKind = 'fatal';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/**
 * Runs a program's main function and ends the process with 0 when it returns, 78 on a
 * {@link ConfigError}, and 1 on any other error. SIGTERM and SIGINT abort the signal that main
 * receives; it then has 5 s to return. A second signal ends the process at once.
 */
export async function runMain(
  main: (context: { signal: AbortSignal }) => Promise<void>,
  { stopDeadlineMs = STOP_DEADLINE_MS }: RunMainOptions = {},
): Promise<never> {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) endProcess(name === 'SIGINT' ? 130 : 143);
    stop.abort(name);
    if (stopDeadlineMs === null) return;
    setTimeout(() => {
      complain(`still busy ${stopDeadlineMs / 1000} s after ${name}: cut off`);
      endProcess(1);
    }, stopDeadlineMs - 200).unref();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  // a main that only waits for the signal would not keep Node.js running
  setInterval(() => {}, 2 ** 30);
  try {
    await main({ signal: stop.signal });
    return endProcess(0);
  } catch (error) {
    complain(describeFailure(error));
    return endProcess(error instanceof ConfigError ? EX_CONFIG : 1);
  }
}

/**
 * Ends the process. `process.exit` joins the threads of libuv's pool, so it never returns while one
 * is stuck in the kernel, in a call on a hung mount. Becoming another program leaves no thread
 * behind.
 */
function endProcess(code: number): never {
  const fileCallPending = process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq'));
  if (fileCallPending && process.platform === 'linux' && process.execve !== undefined) {
    process.execve('/bin/sh', ['sh', '-c', `exit ${code}`], {});
  }
  process.exit(code);
}

function complain(text: string): void {
  process.stderr.write(`${isJournal(2, process.env) ? journalErrors(text) : text}\n`);
}

function describeFailure(error: unknown): string {
  if (error instanceof ConfigError) {
    return ['The configuration has problems:', ...error.issues.map((issue) => `  - ${issue}`)].join('\n');
  }
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
