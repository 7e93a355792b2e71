import type { Task, TaskEvent, TaskId } from '@booner/protocol';
import { Counter, Histogram } from 'prom-client';
import type { Metric } from '../feature/metric.ts';

const ENDED = ['completed', 'failed', 'cancelled'] as const;
/** From commands of an instant to jobs of hours. */
const DURATION_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400];

/** Notified of tasks that have ended. */
export type TaskObserver = { onEnded(tasks: readonly Task[]): void };

/**
 * Counts tasks that end, measures how long they ran, and passes them on. Each hub sees the ends of
 * all tasks.
 */
export function createEndedTasks(board: { get(id: TaskId): Task | null }, observer: TaskObserver) {
  const count = new Counter({
    name: 'booner_hub_tasks_ended_total',
    help: 'Tasks that ended since this hub started, on all hosts',
    labelNames: ['status'],
    registers: [],
  });
  const durations = new Histogram({
    name: 'booner_hub_task_duration_seconds',
    help: 'Time from the start to the end of tasks that ended since this hub started, on all hosts',
    labelNames: ['status'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [],
  });
  for (const status of ENDED) {
    count.inc({ status }, 0);
    durations.zero({ status });
  }
  const metrics: readonly Metric[] = [count, durations].map((recorded) => ({ type: 'recorded', recorded }));
  return {
    metrics,
    /** MUST be called after the board has applied the events. */
    record(events: readonly TaskEvent[]): void {
      const ended: Task[] = [];
      for (const { kind, task: change } of events) {
        if (kind !== 'ended') continue;
        const task = board.get(change.id);
        if (task !== null) ended.push(task);
        const { status, startedAtMs = null, endedAtMs = null } = task ?? change;
        count.inc({ status });
        if (startedAtMs === null || endedAtMs === null) continue; // it never started
        durations.observe({ status }, Math.max(0, endedAtMs - startedAtMs) / 1000);
      }
      if (ended.length > 0) observer.onEnded(ended);
    },
  };
}
