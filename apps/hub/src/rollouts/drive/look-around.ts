import type { TaskBus } from '@booner/bus';
import { newTaskIdOf } from '@booner/bus/host-tasks';
import {
  type HostId,
  isHostDone,
  type Rollout,
  type RolloutHost,
  type Task,
  type TaskId,
} from '@booner/protocol';
import { findScopeIssue, type Principal } from '../../access/principal.ts';
import { mapInTurns } from '../../feature/in-turns.ts';
import { definitionOf } from '../definition.ts';
import type { HostReadiness, RolloutView } from '../machine/rollout-step.ts';

export type LookDeps = {
  readonly tasks: Pick<TaskBus, 'read' | 'readRunner'>;
  /** Tasks as the hub knows them from their events. */
  readonly board: { get(id: TaskId): Task | null };
  /** Returns true if a host is a target now. */
  readonly isTarget: (host: HostId) => boolean;
  /** Number of these hosts with an alert that fires. */
  readonly countFiring: (hosts: readonly HostId[]) => number;
};

/** Rollouts are looked at this often. */
export const TICK_MS = 250;
/** An offline host that is waited for is looked at this often. */
const OFFLINE_MS = 2000;

export type LookOptions = {
  /** Unix milliseconds by the bus' clock. */
  readonly nowMs: number;
  /** Why tasks could not be created: these count as failed. */
  readonly refusals: ReadonlyMap<TaskId, string>;
  /** What the creator may do now; `null`: its credential has ended. */
  readonly creator: () => Promise<Principal | null>;
};

/**
 * Reads what the next step of a rollout depends on: its open tasks, and the hosts whose turn it is.
 */
export async function lookAround(
  deps: LookDeps,
  rollout: Rollout,
  { nowMs, refusals, creator }: LookOptions,
): Promise<RolloutView> {
  const [tasks, readiness] = await Promise.all([
    readTasks(deps, rollout.hosts),
    readReadiness(deps, rollout, { nowMs, creator }),
  ]);
  return {
    nowMs,
    taskOf: (id) => {
      const error = refusals.get(id);
      return error === undefined ? (tasks.get(id) ?? null) : { status: 'failed', error };
    },
    readinessOf: (host) => readiness.get(host) ?? null,
    countFiring: deps.countFiring,
    newTaskId: newTaskIdOf,
  };
}

/** Reads from the bus what the events have not shown yet, or no longer show. */
async function readTasks({ tasks, board }: LookDeps, hosts: readonly RolloutHost[]) {
  const ids = hosts.flatMap(({ status, taskId, checkId }) => {
    const id = status === 'checking' ? checkId : taskId;
    return id === null || isHostDone(status) || status === 'waiting' ? [] : [id];
  });
  const unknown = ids.filter((id) => board.get(id) === null);
  const read = new Map(await mapInTurns(unknown, async (id) => [id, await tasks.read(id)] as const));
  return new Map(ids.map((id) => [id, board.get(id) ?? read.get(id) ?? null] as const));
}

/** Reads the hosts of the present batch, once nothing else has to happen before it. */
async function readReadiness(
  deps: LookDeps,
  { hosts, batch, gate, status, request, schedule, hook }: Rollout,
  { nowMs, creator }: Pick<LookOptions, 'nowMs' | 'creator'>,
) {
  if (status !== 'running' || gate !== null) return new Map<HostId, HostReadiness>();
  const isDue = ({ offlineSinceMs }: RolloutHost) =>
    offlineSinceMs === null || Math.floor(nowMs / TICK_MS) % (OFFLINE_MS / TICK_MS) === 0;
  const turn = hosts.filter((host) => host.status === 'waiting' && host.batch === batch && isDue(host));
  if (turn.length === 0) return new Map<HostId, HostReadiness>();
  const by = await creator();
  const asked = { action: request.action, isTriggered: schedule !== null || hook !== null };
  return new Map(
    await mapInTurns(
      turn,
      async ({ host }) => [host, await readinessOf(deps, { ...asked, host }, by)] as const,
    ),
  );
}

/** Finds out whether a host can run an action now. */
async function readinessOf(
  { tasks, isTarget }: Pick<LookDeps, 'isTarget'> & { readonly tasks: Pick<TaskBus, 'readRunner'> },
  {
    host,
    action,
    isTriggered,
  }: { readonly host: HostId; readonly action: string; readonly isTriggered: boolean },
  creator: Principal | null,
): Promise<HostReadiness> {
  if (!isTarget(host)) return { type: 'removed' };
  if (creator === null) {
    const reason = 'the credential that created the rollout has ended: create a new rollout';
    return { type: 'not_allowed', reason };
  }
  const issue = findScopeIssue(creator, host, action);
  if (issue !== null) return { type: 'not_allowed', reason: issue.detail };
  const runner = await tasks.readRunner(host);
  if (runner === null) return { type: 'offline' };
  const offered = runner.presence.actions.find(({ name }) => name === action);
  if (offered !== undefined && isTriggered && offered.schedulable !== true)
    return { type: 'not_schedulable' };
  return offered === undefined
    ? { type: 'not_offered' }
    : { type: 'ready', definition: definitionOf(offered) };
}
