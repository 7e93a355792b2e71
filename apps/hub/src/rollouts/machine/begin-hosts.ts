import type { RolloutHost } from '@booner/protocol';
import { change, changeHost, type Draft, presentBatch, type RolloutView } from './rollout-step.ts';

/** Begins the hosts of the present batch whose turn has come. */
export function beginHosts(draft: Draft, view: RolloutView): void {
  let offline = 0;
  for (const host of presentBatch(draft)) {
    if (host.status !== 'waiting') continue;
    beginHost(draft, host, view);
    if (draft.head.status !== 'running') return;
    const { status, offlineSinceMs } = draft.hosts[host.index] as RolloutHost;
    if (status === 'waiting' && offlineSinceMs !== null) offline += 1;
  }
  const reason = offline === 0 ? null : `waits for ${offline} offline ${offline === 1 ? 'host' : 'hosts'}`;
  change(draft, { reason });
}

function beginHost(draft: Draft, { index, host, definition }: RolloutHost, view: RolloutView): void {
  const { action } = draft.head.request;
  const fail = (error: string) => changeHost(draft, index, { status: 'failed', error });
  const readiness = view.readinessOf(host);
  if (readiness === null) return;
  switch (readiness.type) {
    case 'ready':
      if (definition !== null && definition !== readiness.definition) {
        const reason = `${action} on ${host} has changed since the rollout was created`;
        change(draft, { status: 'failed', reason: `${reason}: create a new one` });
        return;
      }
      changeHost(draft, index, {
        status: 'queued',
        taskId: view.newTaskId(host),
        definition: readiness.definition,
        ...{ offlineSinceMs: null, error: null },
      });
      break;
    case 'offline':
      beginOffline(draft, draft.hosts[index] as RolloutHost, view);
      break;
    case 'removed':
      fail('the target was removed');
      break;
    case 'not_offered':
      fail(`does not offer the action ${action}`);
      break;
    case 'not_schedulable':
      fail(`does not let schedules and hooks start ${action}: its file must say schedulable: true`);
      break;
    case 'not_allowed':
      change(draft, { status: 'paused', pausedFrom: 'running', reason: readiness.reason });
      break;
    default:
      readiness satisfies never;
  }
}

function beginOffline(draft: Draft, { index, offlineSinceMs }: RolloutHost, { nowMs }: RolloutView): void {
  const { offline, offlineWaitSeconds } = draft.head.request;
  const sinceMs = offlineSinceMs ?? nowMs;
  if (offline === 'skip') changeHost(draft, index, { status: 'skipped', error: 'offline' });
  else if (offline === 'fail') changeHost(draft, index, { status: 'failed', error: 'offline' });
  else if (nowMs - sinceMs >= offlineWaitSeconds * 1000)
    changeHost(draft, index, { status: 'failed', error: `offline for ${offlineWaitSeconds} s` });
  else if (offlineSinceMs === null) changeHost(draft, index, { offlineSinceMs: nowMs, error: 'offline' });
}
