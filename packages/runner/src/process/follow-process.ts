import type { LogLine, Outcome } from '@booner/protocol';
import type { CapturedOutput } from '../log/capture-output.ts';
import type { Redactor } from '../log/redactor.ts';
import { describeLeft } from './describe-left.ts';
import { type EndedProcesses, endProcesses, killAfter } from './end-processes.ts';
import type { LaunchedProcess } from './launcher.ts';
import { completed, type Exit, failed, failedExit, timeoutText } from './outcome-of-exit.ts';
import { readResult } from './read-result.ts';
import type { RunPolicy } from './run-policy.ts';

/** Longest wait for output after a process has ended, if its children keep the pipes open. */
const DRAIN_MS = 1000;

export type FollowedProcess = {
  readonly process: LaunchedProcess;
  /** Account of the command. */
  readonly uid: number;
  /** `null`: no limit. */
  readonly timeoutSeconds: number | null;
  readonly output: CapturedOutput;
  readonly redactor: Redactor;
  readonly resultFile: string;
  readonly policy: Pick<RunPolicy, 'graceMs'>;
  readonly onLine: (stream: LogLine['stream'], text: string) => void;
};

/** A process, and what it leaves running. See `ActionRun`. */
export type ProcessRun = {
  readonly ended: Promise<Outcome>;
  end(outcome: Outcome, graceMs: number): void;
  /** Returns true if some of its processes still run after it has ended. */
  hasLeft(): Promise<boolean>;
  /**
   * Ends the processes that it left: TERM, after `graceMs` KILL. Returns false if some still run a
   * minute after KILL.
   */
  endLeft(graceMs: number): Promise<boolean>;
};

/**
 * Reads the output of a process that was just spawned, enforces its time limit, and returns its
 * outcome.
 */
export function followProcess(followed: FollowedProcess): ProcessRun {
  const { timeoutSeconds, policy } = followed;
  const { processes, groupId, exited } = followed.process;
  const gaveUp = Promise.withResolvers<null>();
  let hasExited = false;
  let killAtMs = Number.POSITIVE_INFINITY;
  let requested: Outcome | null = null;
  let ending: Promise<EndedProcesses> | null = null;

  void exited.then(() => {
    hasExited = true;
  });
  const read = readOutput(followed);

  const endAll = async (): Promise<EndedProcesses> => {
    const ended = await endProcesses(processes, {
      groupId,
      killAtMs: () => killAtMs,
      hasExited: () => hasExited,
    });
    if (ended.left.length > 0 || !hasExited) gaveUp.resolve(null);
    return ended;
  };
  const end = (outcome: Outcome, graceMs: number) => {
    killAtMs = Math.min(killAtMs, performance.now() + graceMs);
    if (hasExited || requested !== null) return;
    requested = outcome;
    ending = endAll();
    ending.catch(gaveUp.reject);
  };
  const endLate = (seconds: number) => end(failed(timeoutText(seconds)), policy.graceMs);
  const timer =
    timeoutSeconds === null ? undefined : setTimeout(endLate, timeoutSeconds * 1000, timeoutSeconds);
  const follow = async (): Promise<Outcome> => {
    const exit = await Promise.race([exited, gaveUp.promise]);
    clearTimeout(timer);
    if (exit !== null && exit.code !== 0) {
      killAtMs = Math.min(killAtMs, performance.now() + policy.graceMs);
      ending ??= endAll();
    }
    const left = (await ending)?.left ?? [];
    await read();
    const outcome = requested ?? (await outcomeOf(exit ?? { code: null, signal: null }, followed));
    if (left.length === 0 && exit !== null) return outcome;
    const problem = left.length === 0 ? 'systemd did not report its end' : describeLeft(left);
    return failed(`${outcome.error ?? 'cancelled'}; ${problem}`);
  };
  const ended = follow().catch((error: unknown) => {
    clearTimeout(timer);
    const detail = error instanceof Error ? error.message : String(error);
    return failed(
      `${requested?.error ?? 'the runner failed'}; its processes could not be followed: ${detail}`,
    );
  });
  return {
    ended,
    end,
    hasLeft: async () => (await processes.find()).length > 0,
    endLeft: async (withinMs) => {
      const { left } = await endProcesses(processes, { groupId, killAtMs: killAfter(withinMs) });
      return left.length === 0;
    },
  };
}

/** @returns a function that waits for the rest of the output, then closes it */
function readOutput({ process: { child }, output, onLine }: FollowedProcess): () => Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => output.write(stream, chunk));
    child[stream]?.on('error', (error) => {
      onLine('runner', `${stream} could not be read to its end: ${error.message}`);
    });
  }
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const drained = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_MS);
    });
    await Promise.race([closed, drained]);
    clearTimeout(timer);
    child.stdout?.destroy();
    child.stderr?.destroy();
    output.end();
  };
}

async function outcomeOf(
  exit: Exit,
  { output, resultFile, uid, redactor, onLine }: FollowedProcess,
): Promise<Outcome> {
  if (exit.code !== 0) return failedExit(exit, output.lastLine('stderr'));
  const read = await readResult(resultFile, uid, redactor);
  if (!read.ok) onLine('runner', `the result file was ignored: ${redactor.redact(read.reason)}`);
  return completed(read.ok ? read.result : null, output.lastLine('stdout'));
}
