import { eventually } from '@booner/testkit';
import type { Desk } from './desk.ts';

/** An agent reports every 3 s, and is offline after three times that. */
const STATE_DEADLINE_MS = 60_000;
const TASK_DEADLINE_MS = 60_000;

type Target = {
  readonly host: string;
  readonly status: 'active' | 'offline' | 'pending';
  readonly inventory: { readonly agentVersion: string } | null;
  readonly sample: { readonly instance: string } | null;
};

type Task = {
  readonly task_id: string;
  readonly status: string;
  readonly result: unknown;
  readonly error: unknown;
};

/** Reads a target from the hub; `null` if the hub knows none of that name. */
export async function readTarget(desk: Desk, host: string): Promise<Target | null> {
  const { targets } = await desk.get<{ targets: Target[] }>('/targets');
  return targets.find((target) => target.host === host) ?? null;
}

/** Waits until the hub shows this status of a target. */
export function untilTarget(
  desk: Desk,
  host: string,
  state: Target['status'],
  deadlineMs = STATE_DEADLINE_MS,
): Promise<Target> {
  return eventually(
    async () => {
      const target = await readTarget(desk, host);
      return target?.status === state ? target : null;
    },
    { deadlineMs, everyMs: 200, what: `${host} to be ${state}` },
  );
}

/** Starts an action on a host, once its runner offers it. The task's id. */
export async function startTask(
  desk: Desk,
  host: string,
  action: string,
  params = {},
  { check = false } = {},
): Promise<string> {
  const created = await eventually(
    async () => {
      const { status, body } = await desk.ask('POST', '/tasks', { host, action, params, check });
      if (status === 202) return body as Task;
      throw new Error(`${status}: ${JSON.stringify(body)}`);
    },
    { deadlineMs: STATE_DEADLINE_MS, everyMs: 500, what: `a task ${action} on ${host}` },
  );
  return created.task_id;
}

/** Waits until a task has ended, and returns it. */
export function untilEnded(desk: Desk, id: string, deadlineMs = TASK_DEADLINE_MS): Promise<Task> {
  return eventually(
    async () => {
      const task = await desk.get<Task>(`/tasks/${id}`);
      return /^(completed|failed|cancelled)$/.test(task.status) ? task : null;
    },
    { deadlineMs, everyMs: 200, what: `the task ${id} to end` },
  );
}
