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
  /** Number of the last line that need not be shown; default 0. */
  readonly afterLine?: number | undefined;
};

/**
 * Shows a task's output as it comes, over a bar of its progress, and how it ended. With JSON the output goes to stderr.
 * @throws CliError on Ctrl-C: the task goes on, and the error says how to come back and how to cancel it
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
      terminal.note('Cancelling; Ctrl-C once more leaves.');
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
    'left; the task goes on',
    EXIT.interrupted,
    `\`booner logs ${id} --follow\` comes back, \`booner cancel ${id}\` cancels it`,
  );

/** The end is known to the log's reader before it is to others. */
function untilEnded(client: BoonerClient, id: string): Promise<Task> {
  const store = client.task(id);
  return new Promise((resolve, reject) => {
    const look = () => {
      const state = store.getSnapshot();
      if (state.type === 'found' && hasEnded(state.task.status)) resolve(state.task);
      else if (state.type === 'failed') reject(state.error);
      else if (state.type === 'unknown') reject(new CliError(`there is no task ${id}`, EXIT.notFound));
      else return;
      end();
    };
    const end = store.subscribe(look);
    look();
  });
}

function endLine(task: Task, terminal: Context['terminal']): string {
  const says =
    task.error !== null
      ? safeLogLine(task.error, false)
      : task.result === null
        ? ''
        : resultText(task.result);
  return `${taskStatus(task.status, terminal)}${says === '' ? '' : `: ${says}`}`;
}

/** 0 when it completed, else the exit code of its program, and 1 where there is none, as after a signal. */
export function exitCodeOf({ status, result }: Task): number {
  if (status === 'completed') return EXIT.ok;
  const code = Number(result?.exitCode ?? EXIT.failed);
  return Number.isInteger(code) && code > 0 && code < 256 ? code : EXIT.failed;
}
