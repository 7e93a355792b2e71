import type { ChildProcess } from 'node:child_process';
import type { LogLine, Outcome, TaskId } from '@booner/protocol';
import type { Action } from '../catalogue/action.ts';
import type { CapturedOutput } from '../log/capture-output.ts';
import type { Redactor } from '../log/redactor.ts';
import { describeLeft } from './describe-left.ts';
import { type EndedProcesses, endProcesses } from './end-processes.ts';
import { completed, type Exit, failed, failedExit } from './outcome-of-exit.ts';
import { processGroup } from './process-group.ts';
import { readOwnChild } from './process-stat.ts';
import { readResult } from './read-result.ts';
import type { RunPolicy } from './run-policy.ts';
import { taskProcesses } from './task-processes.ts';

/** Longest wait for output after a process has ended, if its children keep the pipes open. */
const DRAIN_MS = 1000;

export type FollowedProcess = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly uid: number;
  readonly action: Action;
  readonly taskId: TaskId;
  readonly output: CapturedOutput;
  readonly redactor: Redactor;
  readonly resultFile: string;
  readonly policy: Pick<RunPolicy, 'graceMs'>;
  readonly onLine: (stream: LogLine['stream'], text: string) => void;
};

/**
 * Reads the output of a process that was just spawned, enforces its time limit, and returns its
 * outcome.
 */
export function followProcess(followed: FollowedProcess): {
  readonly ended: Promise<Outcome>;
  end(outcome: Outcome, graceMs: number): void;
} {
  const { child, pid, action, taskId, policy } = followed;
  const leader = readOwnChild(pid);
  const processes = leader === null ? processGroup(pid) : taskProcesses(taskId, leader);
  const gaveUp = Promise.withResolvers<null>();
  let hasExited = false;
  let killAtMs = Number.POSITIVE_INFINITY;
  let requested: Outcome | null = null;
  let ending: Promise<EndedProcesses> | null = null;

  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      hasExited = true;
      resolve({ code, signal });
    });
  });
  const read = readOutput(followed);

  const endAll = async (): Promise<EndedProcesses> => {
    const ended = await endProcesses(processes, { groupId: pid, killAtMs: () => killAtMs });
    if (ended.left.length > 0) gaveUp.resolve(null);
    return ended;
  };
  const end = (outcome: Outcome, graceMs: number) => {
    killAtMs = Math.min(killAtMs, performance.now() + graceMs);
    if (hasExited || requested !== null) return;
    requested = outcome;
    ending = endAll();
    ending.catch(gaveUp.reject);
  };
  const timer = setTimeout(
    () => end(failed(`timed out after ${action.timeoutSeconds} s`), policy.graceMs),
    action.timeoutSeconds * 1000,
  );
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
    if (left.length === 0) return outcome;
    return failed(`${outcome.error ?? 'cancelled'}; ${describeLeft(left)}`);
  };
  const ended = follow().catch((error: unknown) => {
    clearTimeout(timer);
    const detail = error instanceof Error ? error.message : String(error);
    return failed(
      `${requested?.error ?? 'the runner failed'}; its processes could not be followed: ${detail}`,
    );
  });
  return { ended, end };
}

/** @returns a function that waits for the rest of the output, then closes it */
function readOutput({ child, output, onLine }: FollowedProcess): () => Promise<void> {
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
