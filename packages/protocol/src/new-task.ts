import type { Task } from './task.ts';

/** The required content of a new task. */
export type TaskToCreate = Pick<Task, 'id' | 'host' | 'action' | 'params' | 'external' | 'createdAtMs'> &
  Partial<Pick<Task, 'createdBy' | 'check' | 'rollout' | 'traceparent'>>;

/** Returns the first version of a task: it is queued and nothing has happened to it. */
export const newTask = ({
  id,
  host,
  action,
  params,
  external,
  check = false,
  createdAtMs,
  createdBy = null,
  rollout = null,
  traceparent = null,
}: TaskToCreate): Task => ({
  id,
  version: 1,
  status: 'queued',
  host,
  action,
  params,
  external,
  check,
  attempt: 0,
  maxAttempts: null,
  createdAtMs,
  createdBy,
  rollout,
  traceparent,
  startedAtMs: null,
  endedAtMs: null,
  cancelRequestedAtMs: null,
  progressPercent: null,
  message: null,
  result: null,
  error: null,
  logLines: 0,
  steps: null,
  artefacts: null,
});
