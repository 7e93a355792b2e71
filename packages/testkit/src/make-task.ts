import type { HostId, Task, TaskId } from '@booner/protocol';

/** A task that waits, unless the changes say otherwise. */
export const makeTask = (id: string, changes: Partial<Task> = {}): Task => ({
  id: id as TaskId,
  version: 1,
  status: 'queued',
  host: '10.0.0.2' as HostId,
  action: 'countdown',
  params: {},
  external: false,
  attempt: 0,
  createdAtMs: 1,
  startedAtMs: null,
  endedAtMs: null,
  cancelRequestedAtMs: null,
  progressPercent: null,
  message: null,
  result: null,
  error: null,
  logLines: 0,
  ...changes,
});
