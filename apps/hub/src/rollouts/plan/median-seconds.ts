import type { TaskBus } from '@booner/bus';

/** Completed tasks that an estimate is made from. */
const TASKS = 50;

/** Returns the median duration of an action's last completed tasks; `null`: there are none. */
export async function medianSecondsOf(tasks: Pick<TaskBus, 'list'>, action: string): Promise<number | null> {
  const page = await tasks.list({ action, status: 'completed', limit: TASKS });
  const durations = page.tasks
    .flatMap(({ startedAtMs, endedAtMs }) =>
      startedAtMs === null || endedAtMs === null ? [] : [(endedAtMs - startedAtMs) / 1000],
    )
    .toSorted((a, b) => a - b);
  return durations[Math.floor(durations.length / 2)] ?? null;
}
