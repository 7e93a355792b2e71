import type { JsonObject, OfferedAction, Task, TaskId, TaskStatus } from '@booner/protocol';
import { BoonerError } from './booner-error.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { Rest } from './rest.ts';
import { type RetryDeps, retrying } from './retry.ts';

export type RequestOptions = { readonly signal?: AbortSignal | undefined };

export type TaskToCreate = {
  readonly host: string;
  readonly action: string;
  readonly params?: JsonObject;
  /** Driven by another program over HTTP instead of by the host's runner. */
  readonly external?: boolean;
  /**
   * The same key and the same request make one task within 24 hours, however often they are sent. Absent: a new key, which
   * covers the repetitions of this call. Visible ASCII, at most 255 characters.
   */
  readonly idempotencyKey?: string;
};

/** A task as REST shows it. */
export type ShownTask = Task & {
  /** 1 for the next to start on its host; `null` for a task that does not wait. */
  readonly queuePosition: number | null;
};

export type TaskAnswer = { readonly taskId: TaskId; readonly status: TaskStatus; readonly message: string };

export type HostActions = {
  readonly host: string;
  /** Whether a runner is there: without one there are no actions. */
  readonly online: boolean;
  /** A second runner claims this host. */
  readonly conflict: boolean;
  readonly actions: readonly OfferedAction[];
};

export type TaskFilters = {
  readonly status?: TaskStatus | undefined;
  readonly host?: string | undefined;
  readonly action?: string | undefined;
};

/** Newest first. */
export type TaskPage = {
  readonly tasks: readonly Task[];
  /** For the page after it; `null`: there is none. */
  readonly next: string | null;
};

export type ListTasksOptions = RequestOptions &
  TaskFilters & {
    /** `next` of the page before. */
    readonly cursor?: string | undefined;
    /** 1 to 500. */
    readonly limit?: number | undefined;
  };

/** Each rejects with {@link BoonerError}, or with the signal's reason. */
export type TaskRequests = {
  /** Asks for a task. Repeated by itself for some seconds when the hub cannot be reached; it makes one task all the same. */
  createTask(task: TaskToCreate, options?: RequestOptions): Promise<TaskAnswer>;
  /** Asks for the end of a task: `cancelled`, or `running` until its processes are gone. `conflict` when it has ended otherwise. */
  cancelTask(id: string, options?: RequestOptions): Promise<TaskAnswer>;
  listActions(host: string, options?: RequestOptions): Promise<HostActions>;
  /** Tasks that a hub keeps, those included that ended too long ago for the stream. */
  listTasks(options?: ListTasksOptions): Promise<TaskPage>;
  readTask(id: string, options?: RequestOptions): Promise<ShownTask>;
};

export function createTaskRequests(rest: Rest, retry: RetryDeps): TaskRequests {
  return {
    createTask({ idempotencyKey = newIdempotencyKey(), ...task }, { signal } = {}) {
      const headers = { 'idempotency-key': idempotencyKey };
      const request = () => rest({ method: 'POST', path: 'tasks', headers, body: task, signal });
      return retrying(async () => readAnswer(await request()), retry, signal);
    },
    cancelTask(id, { signal } = {}) {
      const path = `tasks/${encodeURIComponent(id)}/cancel`;
      return retrying(async () => readAnswer(await rest({ method: 'POST', path, signal })), retry, signal);
    },
    async listActions(host, { signal } = {}) {
      const answer = await rest({ path: `targets/${encodeURIComponent(host)}/actions`, signal });
      if (!Array.isArray((answer as HostActions | null)?.actions)) throw badAnswer();
      return answer as HostActions;
    },
    async listTasks({ signal, ...query } = {}) {
      const answer = await rest({ path: 'tasks', query: { version: 2, ...query }, signal });
      if (!Array.isArray((answer as TaskPage | null)?.tasks)) throw badAnswer();
      return answer as TaskPage;
    },
    async readTask(id, { signal } = {}) {
      const answer = await rest({ path: `tasks/${encodeURIComponent(id)}`, query: { version: 2 }, signal });
      if (typeof (answer as Task | null)?.version !== 'number') throw badAnswer();
      return answer as ShownTask;
    },
  };
}

function readAnswer(answer: unknown): TaskAnswer {
  const { task_id: taskId, status, message } = (answer ?? {}) as Record<string, unknown>;
  if (typeof taskId !== 'string') throw badAnswer();
  return { taskId: taskId as TaskId, status: status as TaskStatus, message: String(message) };
}

/** An answer that a hub of this protocol does not give. */
export const badAnswer = (): BoonerError =>
  new BoonerError('bad_answer', 'the answer is not what a hub says: it is of another version, or no hub');
