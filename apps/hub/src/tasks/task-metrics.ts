import { type Metric, streamClients } from '../feature/metric.ts';
import type { ReportApplier } from './report-applier.ts';
import type { TaskBoard } from './task-board.ts';
import type { TaskStream } from './task-stream.ts';

export type TaskMetricsDeps = {
  readonly board: TaskBoard;
  readonly stream: TaskStream;
  readonly reports: Pick<ReportApplier, 'counts'>;
};

/** The metrics of tasks, of their stream, and of runners' reports. */
export function taskMetrics({ board, stream, reports }: TaskMetricsDeps): readonly Metric[] {
  const ofStream = (name: string, help: string, read: () => number): Metric => ({
    type: 'counter',
    name: `booner_hub_task_${name}_total`,
    help,
    read,
  });
  return [
    {
      type: 'gauge',
      name: 'booner_hub_open_tasks',
      help: 'Tasks that have not ended',
      label: 'status',
      read: () => (board.isLoaded ? openTasks(board) : []), // unknown is not 0
    },
    streamClients('booner_hub_task_stream_clients', 'Clients of the task stream', () => stream.clientCounts),
    {
      type: 'counter',
      name: 'booner_hub_reports_total',
      help: 'Reports of runners that this hub applied, by outcome',
      label: 'outcome',
      read: () => reports.counts,
    },
    ofStream(
      'events_written',
      'Task events written to clients of version 2',
      () => stream.counts.eventsWritten,
    ),
    ofStream('maps_written', 'Task maps written to clients of version 1', () => stream.counts.mapsWritten),
    ofStream(
      'maps_skipped',
      'Task maps skipped because a client of version 1 had not read the previous one',
      () => stream.counts.mapsSkipped,
    ),
    ofStream('resumed', 'Clients that resumed at a cursor', () => stream.counts.resumed),
    ofStream('snapshots', 'Snapshots of the tasks', () => stream.counts.snapshots),
    ofStream(
      'closed_too_slow',
      'Clients closed because they did not read',
      () => stream.counts.closedTooSlow,
    ),
  ];
}

function openTasks(board: TaskBoard): [status: string, count: number][] {
  const tasks = board.tasks();
  return ['queued', 'running'].map((wanted) => [
    wanted,
    tasks.filter(({ status }) => status === wanted).length,
  ]);
}
