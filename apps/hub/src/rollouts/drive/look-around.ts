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
  /** What the creator of a rollout may do now; `null`: its credential has ended. */
  readonly creatorOf: (credentialId: string | null) => Promise<Principal | null>;
};

/** A task that could not be created counts as failed. */
export type Refusals = ReadonlyMap<TaskId, string>;

/**
 * Reads what a rollout depends on: its open tasks, and the hosts whose turn may come.
 * @param refusals why tasks could not be created
 */
export async function lookAround(
  deps: LookDeps,
  rollout: Rollout,
  { nowMs, refusals }: { readonly nowMs: number; readonly refusals: Refusals },
): Promise<RolloutView & { readonly creator: Principal | null }> {
  const creator = await deps.creatorOf(rollout.credentialId);
  const [tasks, readiness] = await Promise.all([
    readTasks(deps, rollout.hosts),
    readReadiness(deps, rollout, creator),
  ]);
  return {
    nowMs,
    creator,
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
  const found = await Promise.all(
    ids.map(async (id) => [id, board.get(id) ?? (await tasks.read(id))] as const),
  );
  return new Map(found);
}

/** Reads the hosts of the present batch and the next one. */
async function readReadiness(deps: LookDeps, rollout: Rollout, creator: Principal | null) {
  const { hosts, batch, request, schedule } = rollout;
  const isScheduled = schedule !== null;
  const waiting = hosts.filter(({ status }) => status === 'waiting');
  const next = Math.min(...waiting.filter((host) => host.batch > batch).map((host) => host.batch));
  const found = await Promise.all(
    waiting
      .filter((host) => host.batch === batch || host.batch === next)
      .map(
        async ({ host }) =>
          [host, await readinessOf(deps, { host, action: request.action, isScheduled }, creator)] as const,
      ),
  );
  return new Map(found);
}

/** Finds out whether a host can run an action now. */
async function readinessOf(
  { tasks, isTarget }: Pick<LookDeps, 'isTarget'> & { readonly tasks: Pick<TaskBus, 'readRunner'> },
  {
    host,
    action,
    isScheduled,
  }: { readonly host: HostId; readonly action: string; readonly isScheduled: boolean },
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
  if (offered !== undefined && isScheduled && offered.schedulable !== true)
    return { type: 'not_schedulable' };
  return offered === undefined
    ? { type: 'not_offered' }
    : { type: 'ready', definition: definitionOf(offered) };
}
