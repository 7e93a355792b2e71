import type { JsonObject, OfferedAction, Task, TaskId, TaskStatus } from '@booner/protocol';
import { BoonerError } from './booner-error.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { Rest } from './rest.ts';
import { type RetryDeps, retrying } from './retry.ts';

export type RequestOptions = { readonly signal?: AbortSignal | undefined };

export type Traced = {
  /**
   * Trace context (W3C) of the caller, which the processes get as `TRACEPARENT`:
   * `00-<trace id>-<parent id>-<flags>`. A hub ignores an invalid one. Default: none.
   */
  readonly traceparent?: string | undefined;
};

export type TaskToCreate = {
  readonly host: string;
  readonly action: string;
  readonly params?: JsonObject;
  /** Run by another program over HTTP instead of by the host's runner. */
  readonly external?: boolean;
  /**
   * A dry run, which changes nothing: for actions with `checkable`. A hub before 0.2 rejects it.
   */
  readonly check?: boolean;
  /**
   * Requests with the same key and content create one task within 24 hours, however often they are
   * sent. Visible ASCII, at most 255 characters. Default: a new key, which covers the retries of
   * this call.
   */
  readonly idempotencyKey?: string;
} & Traced;

/** A task in a REST answer. */
export type ShownTask = Task & {
  /** 1 for the next task to start on its host. `null` if the task is not queued. */
  readonly queuePosition: number | null;
};

export type TaskAnswer = { readonly taskId: TaskId; readonly status: TaskStatus; readonly message: string };

export type HostActions = {
  readonly host: string;
  /** True if a runner is connected. Without one there are no actions. */
  readonly online: boolean;
  /** A second runner claims this host. */
  readonly conflict: boolean;
  readonly actions: readonly OfferedAction[];
};

/** A host that can run tasks now. */
export type HostRunner = {
  readonly host: string;
  /** A second runner claims this host. */
  readonly conflict: boolean;
  /** Names of the actions that it offers. */
  readonly actions: readonly string[];
};

export type TaskFilters = {
  readonly status?: TaskStatus | undefined;
  readonly host?: string | undefined;
  readonly action?: string | undefined;
  /**
   * Lists only tasks of targets that match. The empty selector matches none. Absent: all. Older
   * hubs ignore it.
   */
  readonly selector?: string | undefined;
};

/** Newest first. */
export type TaskPage = {
  readonly tasks: readonly Task[];
  /** Cursor of the next page, or `null` if there is none. */
  readonly next: string | null;
};

export type ListTasksOptions = RequestOptions &
  TaskFilters & {
    /** `next` of the previous page. */
    readonly cursor?: string | undefined;
    /** 1 to 500. */
    readonly limit?: number | undefined;
  };

/** Each rejects with {@link BoonerError}, or with the signal's reason. */
export type TaskRequests = {
  /**
   * Creates a task. Retries if the hub cannot be reached, and still creates only one. Gives up
   * after four attempts: within 3.5 s if connections are refused, 24 s if the hub does not answer,
   * plus pauses that the hub asks for. To go on for longer, repeat the call with the same
   * `idempotencyKey`.
   */
  createTask(task: TaskToCreate, options?: RequestOptions): Promise<TaskAnswer>;
  /**
   * Requests the end of a task. Returns `cancelled`, or `running` until its processes are gone.
   * `conflict` if it has ended otherwise.
   */
  cancelTask(id: string, options?: RequestOptions): Promise<TaskAnswer>;
  listActions(host: string, options?: RequestOptions): Promise<HostActions>;
  /** Lists the hosts with a connected runner, and what each of them can run. */
  listRunners(options?: RequestOptions): Promise<readonly HostRunner[]>;
  /** Reads the tasks that a hub keeps, including those that ended too long ago for the stream. */
  listTasks(options?: ListTasksOptions): Promise<TaskPage>;
  readTask(id: string, options?: RequestOptions): Promise<ShownTask>;
};

export function createTaskRequests(rest: Rest, retry: RetryDeps): TaskRequests {
  return {
    createTask({ idempotencyKey = newIdempotencyKey(), traceparent, ...task }, { signal } = {}) {
      const headers = { 'idempotency-key': idempotencyKey, ...(traceparent && { traceparent }) };
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
    async listRunners({ signal } = {}) {
      const { runners } = ((await rest({ path: 'runners', signal })) ?? {}) as { runners?: HostRunner[] };
      if (!Array.isArray(runners)) throw badAnswer();
      return runners;
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

/** An answer that no hub of this protocol gives. */
export const badAnswer = (): BoonerError =>
  new BoonerError(
    'bad_answer',
    'unexpected answer: the server is not a hub, or its version is not compatible',
  );
