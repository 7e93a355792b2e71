import type { Task, TaskEvent, TaskId } from '@booner/protocol';
import { Counter, Histogram } from 'prom-client';
import type { Metric } from '../feature/metric.ts';

const ENDED = ['completed', 'failed', 'cancelled'] as const;
/** From commands of an instant to jobs of hours. */
const DURATION_BUCKETS_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400];

/** Counts tasks that end and measures how long they ran. Each hub sees the ends of all tasks. */
export function createEndedTasks(board: { get(id: TaskId): Task | null }) {
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
      for (const { kind, task: change } of events) {
        if (kind !== 'ended') continue;
        const { status, startedAtMs = null, endedAtMs = null } = board.get(change.id) ?? change;
        count.inc({ status });
        if (startedAtMs === null || endedAtMs === null) continue; // it never started
        durations.observe({ status }, Math.max(0, endedAtMs - startedAtMs) / 1000);
      }
    },
  };
}
