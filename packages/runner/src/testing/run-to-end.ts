import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LogLine, newTaskId, type Outcome, type TaskId } from '@booner/protocol';
import type { Action } from '../catalogue/action.ts';

import type { Progress } from '../log/progress-line.ts';
import { directLauncher, type Launcher } from '../process/launcher.ts';
import { type ActionRun, startAction } from '../process/start-action.ts';
import { makeAction } from './action-factory.ts';
import { prepareCommand } from './prepare-command.ts';

/** A process of a test with its output. */
export type TestRun = Omit<ActionRun, 'end'> &
  AsyncDisposable & {
    end(outcome: Outcome): void;
    readonly taskId: TaskId;
    readonly lines: { readonly stream: LogLine['stream']; readonly text: string }[];
    readonly progress: Progress[];
    texts(stream: LogLine['stream']): string[];
  };

export type TestRunOptions = {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly graceMs?: number;
  readonly launcher?: Launcher;
  /** Receives the lines, which are then not kept; for outputs that are only counted. */
  readonly onLine?: (text: string) => void;
};

/** Starts an action in its own folder. Disposing of it ends its processes. */
export async function startTestRun(
  change: Partial<Action>,
  { params = {}, graceMs = 500, launcher = directLauncher, onLine }: TestRunOptions = {},
): Promise<TestRun> {
  const action = makeAction(change);
  const prepared = prepareCommand(action, params);
  if (!prepared.ok) throw new Error(`refused: ${JSON.stringify(prepared.issues)}`);
  const directory = await mkdtemp(join(tmpdir(), 'booner-run-'));
  const taskId = newTaskId();
  const lines: TestRun['lines'] = [];
  const progress: Progress[] = [];
  const { end, ...run } = await startAction({
    action,
    command: prepared.command,
    timeoutSeconds: action.timeoutSeconds,
    taskId,
    directory,
    policy: { launcher, graceMs },
    onLine: (stream, text) => (onLine ? onLine(text) : void lines.push({ stream, text })),
    onProgress: (each) => progress.push(each),
  });
  return {
    ...run,
    end: (outcome) => end(outcome, graceMs),
    taskId,
    lines,
    progress,
    texts: (stream) => lines.filter((line) => line.stream === stream).map(({ text }) => text),
    [Symbol.asyncDispose]: async () => {
      end({ status: 'cancelled', result: null, error: null }, graceMs);
      await run.ended;
      await rm(directory, { recursive: true });
    },
  };
}

/** Runs a fixed script of `sh` to its end. */
export async function runScript(
  script: string,
  options?: TestRunOptions & { readonly action?: Partial<Action> },
): Promise<{ readonly outcome: Outcome; readonly run: Omit<TestRun, typeof Symbol.asyncDispose> }> {
  await using run = await startTestRun({ command: ['sh', '-c', script], ...options?.action }, options);
  return { outcome: await run.ended, run };
}
