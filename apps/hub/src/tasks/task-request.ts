import { createHash } from 'node:crypto';
import type { HostId, JsonObject, Task } from '@booner/protocol';

/** What somebody asks for. */
export type TaskRequest = {
  readonly host: HostId;
  readonly action: string;
  readonly params: JsonObject;
  /** Driven by another program: the state that it starts in. `null`: for the host's runner. */
  readonly external: { readonly status: 'queued' | 'running' } | null;
};

export const REDACTED = '[redacted]';

/**
 * Says whether two requests are the same without being able to give a secret away: `shown` are the parameters as they are shown
 * to everybody. A plain hash over a secret of few possible values could be searched by who reads Redis; the price of leaving
 * secrets out is that a request which differs in a secret alone counts as a repetition.
 */
export function hashOfRequest({ host, action, external }: TaskRequest, shown: JsonObject): string {
  const text = canonicalJson({ host, action, params: shown, external: external?.status ?? null });
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether a task is what a request to a runner asks for, as far as it shows. */
export function isTaskOf({ host, action, params, external }: TaskRequest, task: Task): boolean {
  const names = Object.keys(params);
  return (
    task.host === host &&
    task.action === action &&
    external === null &&
    !task.external &&
    names.length === Object.keys(task.params).length &&
    names.every((name) => {
      const kept = Object.hasOwn(task.params, name) ? task.params[name] : undefined;
      return kept === REDACTED || (kept !== undefined && canonicalJson(kept) === canonicalJson(params[name]));
    })
  );
}

/** JSON with the names of each object in one order. Recursive: for values whose depth is bounded. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
