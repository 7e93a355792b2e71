import { setTimeout as sleep } from 'node:timers/promises';
import { type BoonerClient, BoonerError } from '@booner/client';
import type { Target } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';

/** Action of a host that was installed with `--remote-upgrade`. */
const UPGRADE_ACTION = 'booner-upgrade';
const POLL_EVERY_MS = 1000;
/**
 * Time for the agent to report the new version after the task failed: the upgrade restarts the
 * runner, which can fail its task although the upgrade succeeds.
 */
const GRACE_MS = 20_000;

export type HostUpgrade = {
  readonly host: string;
  /** Version of the agent before. */
  readonly from: string | null;
  readonly status: 'upgraded' | 'current' | 'failed' | 'by_hand' | 'not_tried';
  readonly detail: string | null;
  readonly taskId: string | null;
};

export type UpgradeDeps = {
  readonly client: Pick<BoonerClient, 'createTask' | 'listActions' | 'readTarget' | 'readTask'>;
  readonly version: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly report: (text: string) => void;
};

/** Upgrades one host and waits until its agent reports the version. Rejects if aborted. */
export async function upgradeHost(target: Target, deps: UpgradeDeps): Promise<HostUpgrade> {
  const { client, version, report, signal } = deps;
  const { host } = target;
  const from = target.inventory?.agentVersion ?? null;
  const outcome = (
    status: HostUpgrade['status'],
    detail: string | null = null,
    taskId: string | null = null,
  ) => ({
    host,
    from,
    status,
    detail,
    taskId,
  });
  if (from === version && target.status === 'active') return outcome('current');
  if (target.status !== 'active')
    return outcome('failed', `it is ${target.status}; run \`booner doctor\` to find out why`);
  try {
    const { actions, online } = await client.listActions(host, { signal });
    if (!actions.some(({ name }) => name === UPGRADE_ACTION)) {
      const why = online ? `its runner does not offer ${UPGRADE_ACTION}` : 'it has no runner';
      return outcome('by_hand', `${why}; run on the host: sudo /opt/booner/current/upgrade ${version}`);
    }
    const { taskId } = await client.createTask(
      { host, action: UPGRADE_ACTION, params: { version } },
      { signal },
    );
    report(`task ${taskId}`);
    const failure = await waitForVersion(host, taskId, deps);
    return failure === null ? outcome('upgraded', null, taskId) : outcome('failed', failure, taskId);
  } catch (error) {
    if (error instanceof BoonerError) return outcome('failed', error.message);
    throw error;
  }
}

/** @returns `null` once the agent reports the version, else the failure */
async function waitForVersion(host: string, taskId: string, deps: UpgradeDeps): Promise<string | null> {
  const { client, version, timeoutMs, signal, report } = deps;
  const endMs = performance.now() + timeoutMs;
  let giveUpMs = endMs;
  let failure: string | null = null;
  let lastMessage = '';
  let seen: string | null = null;
  while (performance.now() < giveUpMs) {
    await sleep(POLL_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    const [target, task] = await Promise.all([
      ignoreTransient(client.readTarget(host, { signal }), signal),
      ignoreTransient(client.readTask(taskId, { signal }), signal),
    ]);
    seen = target?.inventory?.agentVersion ?? seen;
    if (target?.status === 'active' && seen === version) return null;
    if (task?.message && task.message !== lastMessage) {
      lastMessage = task.message;
      report(lastMessage);
    }
    if (failure === null && task !== null && hasEnded(task.status) && task.status !== 'completed') {
      failure = task.error ?? `the task was ${task.status}`;
      giveUpMs = Math.min(endMs, performance.now() + GRACE_MS);
    }
  }
  const state = `its agent reports ${seen ?? 'no version'}`;
  return failure === null
    ? `version ${version} was not reported within ${timeoutMs / 1000} s; ${state}`
    : `${failure}; ${state}`;
}

/** Returns `null` if the hub is unavailable for the moment; the caller polls again. */
async function ignoreTransient<T>(response: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await response;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BoonerError && error.code !== 'unauthorized' && error.code !== 'forbidden')
      return null;
    throw error;
  }
}
