import type { JsonObject, NewRollout, Rollout, RolloutId, RolloutList, RolloutPlan } from '@booner/protocol';
import { newIdempotencyKey } from './idempotency-key.ts';
import type { Rest } from './rest.ts';
import { type RetryDeps, retrying } from './retry.ts';
import { badAnswer, type RequestOptions, type Traced } from './task-requests.ts';

type WithKey = {
  /**
   * Requests with the same key and content start one rollout, however often they are sent. Visible
   * ASCII, at most 255 characters. Default: a new key, which covers the retries of this call.
   */
  readonly idempotencyKey?: string;
};

export type RolloutToStart = NewRollout & WithKey & Traced;

export type RollbackToStart = WithKey & Traced & { readonly action: string; readonly params?: JsonObject };

export type ListRolloutsOptions = RequestOptions & {
  /** 1 to 500. Default: 50. */
  readonly limit?: number | undefined;
  /** `next` of the previous page. */
  readonly after?: string | undefined;
};

export type ReadRolloutOptions = RequestOptions & {
  /** Waits up to 30 s for a version newer than this. Absent: answers at once. */
  readonly after?: number | undefined;
};

/** Each rejects with `BoonerError`, or with the signal's reason. */
export type RolloutRequests = {
  /** Reads what a rollout would do now. Nothing is stored or run. Operators only. */
  planRollout(rollout: NewRollout, options?: RequestOptions): Promise<RolloutPlan>;
  /** Starts a rollout. Retries as `createTask` does, and still starts only one. Operators only. */
  startRollout(rollout: RolloutToStart, options?: RequestOptions): Promise<RolloutId>;
  /** Lists rollouts without their hosts, newest first. */
  listRollouts(options?: ListRolloutsOptions): Promise<RolloutList>;
  readRollout(id: string, options?: ReadRolloutOptions): Promise<Rollout>;
  /** Begins no further hosts. Tasks that have begun continue. Operators only. */
  pauseRollout(id: string, options?: RequestOptions): Promise<Rollout>;
  /** Operators only. */
  resumeRollout(id: string, options?: RequestOptions): Promise<Rollout>;
  /** Approves a rollout that waits for it. Operators only, and not its creator. */
  approveRollout(id: string, options?: RequestOptions): Promise<Rollout>;
  /** Retries the failed hosts, then continues with those that have not begun. Operators only. */
  retryRollout(id: string, options?: RequestOptions): Promise<Rollout>;
  /**
   * Cancels a rollout and its queued tasks. Operators only.
   * @param options `running`: what happens to running tasks; default: they finish
   */
  cancelRollout(
    id: string,
    options?: RequestOptions & { readonly running?: 'finish' | 'cancel' },
  ): Promise<Rollout>;
  /** Starts a rollout on the hosts that another one began. Retries. Operators only. */
  rollBackRollout(id: string, rollback: RollbackToStart, options?: RequestOptions): Promise<RolloutId>;
};

/** The hub looks at each host, of which there may be thousands. */
const PLAN_TIMEOUT_MS = 30_000;
/** Longest wait of the hub for a newer version, and time for its answer. */
const LONG_POLL_TIMEOUT_MS = 30_000 + 10_000;

export function createRolloutRequests(rest: Rest, retry: RetryDeps): RolloutRequests {
  const start = async (
    path: string,
    { idempotencyKey = newIdempotencyKey(), traceparent, ...body }: WithKey & Traced,
    options: RequestOptions,
  ) => {
    const { signal } = options;
    const headers = { 'idempotency-key': idempotencyKey, ...(traceparent && { traceparent }) };
    const request = { method: 'POST', path, headers, body, signal, timeoutMs: PLAN_TIMEOUT_MS } as const;
    const answer = await retrying(() => rest(request), retry, signal);
    const { rollout_id: id } = (answer ?? {}) as { rollout_id?: unknown };
    if (typeof id !== 'string') throw badAnswer();
    return id as RolloutId;
  };
  const steer =
    (direction: string) =>
    async (id: string, { signal }: RequestOptions = {}) =>
      readRollout(await rest({ method: 'POST', path: `${pathOf(id)}/${direction}`, signal }));
  return {
    async planRollout(body, { signal } = {}) {
      const request = { method: 'POST', path: 'rollouts/plan', timeoutMs: PLAN_TIMEOUT_MS } as const;
      const plan = (await rest({ ...request, body, signal })) as RolloutPlan | null;
      if (!Array.isArray(plan?.hosts)) throw badAnswer();
      return plan;
    },
    startRollout: (rollout, options = {}) => start('rollouts', rollout, options),
    async listRollouts({ signal, ...query } = {}) {
      const list = (await rest({ path: 'rollouts', query, signal })) as RolloutList | null;
      if (!Array.isArray(list?.rollouts)) throw badAnswer();
      return list;
    },
    async readRollout(id, { after, signal } = {}) {
      const waiting = after === undefined ? {} : { query: { after }, timeoutMs: LONG_POLL_TIMEOUT_MS };
      return readRollout(await rest({ path: pathOf(id), signal, ...waiting }));
    },
    pauseRollout: steer('pause'),
    resumeRollout: steer('resume'),
    approveRollout: steer('approve'),
    retryRollout: steer('retry-failed'),
    async cancelRollout(id, { running = 'finish', signal } = {}) {
      const path = `${pathOf(id)}/cancel`;
      return readRollout(await rest({ method: 'POST', path, body: { running }, signal }));
    },
    rollBackRollout: (id, rollback, options = {}) => start(`${pathOf(id)}/rollback`, rollback, options),
  };
}

const pathOf = (id: string): string => `rollouts/${encodeURIComponent(id)}`;

function readRollout(answer: unknown): Rollout {
  const rollout = answer as Rollout | null;
  if (typeof rollout?.version !== 'number' || !Array.isArray(rollout.hosts)) throw badAnswer();
  return rollout;
}
