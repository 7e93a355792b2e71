import type { BoonerClient } from '@booner/client';
import type { Task } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import type { Context } from '../runtime/context.ts';
import { interruption } from '../terminal/interrupted.ts';
import { safeLogLine } from '../terminal/safe-text.ts';
import { createProgressLine } from '../texts/progress-line.ts';
import { resultText, taskStatus } from '../texts/task-texts.ts';

export type FollowOptions = {
  readonly cancelOnInterrupt?: boolean;
  /** Show lines after this number; default 0. */
  readonly afterLine?: number | undefined;
};

/**
 * Shows a task's output above a progress bar, then how it ended. With JSON, output goes to stderr.
 * @throws CliError on Ctrl-C: the task continues, and the hint shows how to follow or cancel it
 */
export async function followTask(
  { terminal, isJson, stderr }: Context,
  client: BoonerClient,
  id: string,
  { cancelOnInterrupt = false, afterLine = 0 }: FollowOptions = {},
): Promise<Task> {
  using stop = interruption();
  const progress = createProgressLine(stderr, terminal, isJson);
  const showLine = isJson ? terminal.note : terminal.print;
  const task = client.task(id);
  const endTask = task.subscribe(() => {
    const state = task.getSnapshot();
    if (state.type === 'found') progress.show(state.task);
  });
  let last = afterLine;
  const follow = async (signal?: AbortSignal) => {
    for await (const { lines, droppedLines } of client.followLog(id, { afterLine: last, signal })) {
      progress.hide();
      if (droppedLines > 0) terminal.note(terminal.style('dim', `[${droppedLines} lines were dropped]`));
      for (const { stream, text, line } of lines) {
        const safe = safeLogLine(text, terminal.hasColor);
        showLine(stream === 'runner' ? terminal.style('dim', safe) : safe);
        last = line;
      }
      progress.redraw();
    }
  };
  try {
    await follow(stop.signal).catch(async (error) => {
      if (!stop.signal.aborted) throw error;
      progress.hide();
      if (!cancelOnInterrupt) throw detached(id);
      terminal.note('Cancelling the task. Press Ctrl-C again to stop following.');
      await client.cancelTask(id);
      await follow();
    });
    return await untilEnded(client, id);
  } finally {
    endTask();
    progress.hide();
    const state = task.getSnapshot();
    if (state.type === 'found' && hasEnded(state.task.status)) terminal.note(endLine(state.task, terminal));
  }
}

const detached = (id: string) =>
  new CliError(
    'stopped following; the task continues',
    EXIT.interrupted,
    `run \`booner logs ${id} --follow\` to follow it again, or \`booner cancel ${id}\` to cancel it`,
  );

/** Waits for the task's final state, which can arrive after the end of its log. */
function untilEnded(client: BoonerClient, id: string): Promise<Task> {
  const store = client.task(id);
  return new Promise((resolve, reject) => {
    const look = () => {
      const state = store.getSnapshot();
      if (state.type === 'found' && hasEnded(state.task.status)) resolve(state.task);
      else if (state.type === 'failed') reject(state.error);
      else if (state.type === 'unknown') reject(new CliError(`unknown task ${id}`, EXIT.notFound));
      else return;
      end();
    };
    const end = store.subscribe(look);
    look();
  });
}

function endLine(task: Task, terminal: Context['terminal']): string {
  const detail =
    task.error !== null
      ? safeLogLine(task.error, false)
      : task.result === null
        ? ''
        : resultText(task.result);
  return `${taskStatus(task.status, terminal)}${detail === '' ? '' : `: ${detail}`}`;
}

/** Returns 0 for a completed task, else its program's exit code, or 1 if there is none. */
export function exitCodeOf({ status, result }: Task): number {
  if (status === 'completed') return EXIT.ok;
  const code = Number(result?.exitCode ?? EXIT.failed);
  return Number.isInteger(code) && code > 0 && code < 256 ? code : EXIT.failed;
}
