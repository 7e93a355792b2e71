import { createHash } from 'node:crypto';
import type { HostId, JsonObject, RolloutId, Task, TaskId } from '@booner/protocol';

/** A parsed request to create a task. */
export type TaskRequest = {
  readonly host: HostId;
  readonly action: string;
  readonly params: JsonObject;
  /** Runs the `check` command of the action in place of the action. */
  readonly check: boolean;
  /** Trace context of the request; `null`: none. */
  readonly traceparent: string | null;
  /** Driven by another program: the state that it starts in. `null`: for the host's runner. */
  readonly external: { readonly status: 'queued' | 'running' } | null;
  /**
   * Rollout that it is part of, and the id that the rollout gave it. `isApproved`: somebody
   * approved
   * that the action runs. Absent: none.
   */
  readonly rollout?: { readonly id: RolloutId; readonly taskId: TaskId; readonly isApproved: boolean };
};

export const REDACTED = '[redacted]';

/**
 * Returns a hash that tells if two requests are the same without revealing a secret. `shown` are
 * the parameters as every reader sees them: a reader of Redis could find a secret with few possible
 * values by trying them against a plain hash. The price is that a request that differs only in a
 * secret counts as a repetition.
 */
export function hashOfRequest(
  { host, action, external, check }: Omit<TaskRequest, 'traceparent'>,
  shown: JsonObject,
): string {
  const request = { host, action, params: shown, external: external?.status ?? null };
  // Only if it is set: hubs before 0.2 hash a request without it.
  const text = canonicalJson(check ? { ...request, check } : request);
  return createHash('sha256').update(text).digest('base64url');
}

/** Returns true if a task matches a request to a runner, as far as visible parameters show. */
export function isTaskOf({ host, action, params, external, check }: TaskRequest, task: Task): boolean {
  const names = Object.keys(params);
  return (
    task.host === host &&
    task.action === action &&
    external === null &&
    !task.external &&
    task.check === check &&
    names.length === Object.keys(task.params).length &&
    names.every((name) => {
      const kept = Object.hasOwn(task.params, name) ? task.params[name] : undefined;
      return kept === REDACTED || (kept !== undefined && canonicalJson(kept) === canonicalJson(params[name]));
    })
  );
}

/**
 * Returns JSON with the names of each object in one order. Recursive: for values whose depth is
 * bounded.
 */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
