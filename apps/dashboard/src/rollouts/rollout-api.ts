import type { JsonObject, Rollout, RolloutList, RolloutPlan } from '@booner/protocol';
import { requestHub } from './hub-request.ts';

/** A little longer than the hub waits for a newer version: 30 s. */
const LONG_POLL_TIMEOUT_MS = 40_000;
/** A plan of many hosts reads what each of them offers. */
const PLAN_TIMEOUT_MS = 30_000;

/**
 * Body of a rollout. Its values may be wrong: the hub checks them and points to the fields with
 * issues.
 */
export type RolloutToCreate = Readonly<Record<string, unknown>>;

/** What a person can ask of a rollout without further input. */
export type Direction = 'pause' | 'resume' | 'approve' | 'retry-failed';

type Options = { readonly signal?: AbortSignal | undefined };

/** Returns rollouts without their hosts, newest first. */
export const listRollouts = ({
  after,
  limit,
  signal,
}: Options & { after?: string | undefined; limit: number }) =>
  requestHub<RolloutList>({ path: '/rollouts', query: { limit, after }, signal });

/** Returns a rollout. With `after`, the hub waits up to 30 s for a newer version than that. */
export const readRollout = (id: string, { after, signal }: Options & { after?: number | undefined } = {}) =>
  requestHub<Rollout>({ path: pathOf(id), query: { after }, signal, timeoutMs: LONG_POLL_TIMEOUT_MS });

/** Returns what a rollout would do now. */
export const planRollout = (body: RolloutToCreate) =>
  requestHub<RolloutPlan>({ method: 'POST', path: '/rollouts/plan', body, timeoutMs: PLAN_TIMEOUT_MS });

/**
 * Starts a rollout. Requests with the same key start one, however often they are sent.
 * @returns its id
 */
export const createRollout = (body: RolloutToCreate, key: string) => start('/rollouts', body, key);

/** Starts a rollout on the hosts that another one began. @returns its id */
export const rollBack = (
  id: string,
  body: { readonly action: string; readonly params: JsonObject },
  key: string,
) => start(`${pathOf(id)}/rollback`, body, key);

export const directRollout = (id: string, direction: Direction) =>
  requestHub<Rollout>({ method: 'POST', path: `${pathOf(id)}/${direction}` });

/** @param running what becomes of tasks that run */
export const cancelRollout = (id: string, running: 'finish' | 'cancel') =>
  requestHub<Rollout>({ method: 'POST', path: `${pathOf(id)}/cancel`, body: { running } });

const pathOf = (id: string): string => `/rollouts/${encodeURIComponent(id)}`;

async function start(path: string, body: unknown, key: string): Promise<string> {
  const answer = await requestHub<{ readonly rollout_id: string }>({
    method: 'POST',
    path,
    body,
    headers: { 'idempotency-key': key },
    timeoutMs: PLAN_TIMEOUT_MS,
  });
  return answer.rollout_id;
}
