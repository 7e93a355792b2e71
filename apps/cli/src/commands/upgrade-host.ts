import { setTimeout as sleep } from 'node:timers/promises';
import { type BoonerClient, BoonerError } from '@booner/client';
import type { Target } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';

/** The action that the installer puts on a host with a runner. */
const UPGRADE_ACTION = 'booner-upgrade';
const LOOK_EVERY_MS = 1000;
/** A task that fails may only have lost its runner, which the upgrade restarts: the agent has this long to say so. */
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
  readonly hubUrl: string;
  readonly version: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
};

/** Brings one host to a version, and waits until its agent reports that version. Rejects with the signal's reason. */
export async function upgradeHost(target: Target, deps: UpgradeDeps): Promise<HostUpgrade> {
  const { client, hubUrl, version, say, signal } = deps;
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
    return outcome('failed', `it is ${target.status}; \`booner doctor\` says why`);
  try {
    const { actions, online } = await client.listActions(host, { signal });
    if (!actions.some(({ name }) => name === UPGRADE_ACTION)) {
      const why = online ? `its runner does not offer ${UPGRADE_ACTION}` : 'it has no runner';
      return outcome(
        'by_hand',
        `${why}; run there: curl -fsSL ${hubUrl}/install.sh | sudo sh -s -- --hub ${hubUrl}`,
      );
    }
    const { taskId } = await client.createTask(
      { host, action: UPGRADE_ACTION, params: { version } },
      { signal },
    );
    say(`task ${taskId}`);
    const failure = await waitForVersion(host, taskId, deps);
    return failure === null ? outcome('upgraded', null, taskId) : outcome('failed', failure, taskId);
  } catch (error) {
    if (error instanceof BoonerError) return outcome('failed', error.message);
    throw error;
  }
}

/** @returns `null` once the agent is back with the version, else why it is not */
async function waitForVersion(host: string, taskId: string, deps: UpgradeDeps): Promise<string | null> {
  const { client, version, timeoutMs, signal, say } = deps;
  const endMs = performance.now() + timeoutMs;
  let giveUpMs = endMs;
  let failure: string | null = null;
  let said = '';
  let seen: string | null = null;
  while (performance.now() < giveUpMs) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    const [target, task] = await Promise.all([
      passing(client.readTarget(host, { signal }), signal),
      passing(client.readTask(taskId, { signal }), signal),
    ]);
    seen = target?.inventory?.agentVersion ?? seen;
    if (target?.status === 'active' && seen === version) return null;
    if (task?.message && task.message !== said) {
      said = task.message;
      say(said);
    }
    if (failure === null && task !== null && hasEnded(task.status) && task.status !== 'completed') {
      failure = task.error ?? `the task was ${task.status}`;
      giveUpMs = Math.min(endMs, performance.now() + GRACE_MS);
    }
  }
  const state = `its agent reports ${seen ?? 'no version'}`;
  return failure === null
    ? `not back with ${version} after ${timeoutMs / 1000} s: ${state}`
    : `${failure}; ${state}`;
}

/** What a hub that is itself away for a moment does not say is asked for again. */
async function passing<T>(answer: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BoonerError && error.code !== 'unauthorized' && error.code !== 'forbidden')
      return null;
    throw error;
  }
}
