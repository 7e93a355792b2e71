import { APPROVAL_TTL_MS, isHostDone } from '@booner/protocol';
import { change, changeHost, type Draft, presentBatch, type RolloutView } from './rollout-step.ts';

/** Returns a gate, with an approval to ask for if the rollout wants one there. */
const newGate = (nowMs: number, needsApproval: boolean) => ({
  sinceMs: nowMs,
  approval: needsApproval ? { askedAtMs: nowMs, expiresAtMs: nowMs + APPROVAL_TTL_MS } : null,
});

/** Asks for the approval that a rollout needs before its first batch. */
export function askBefore(draft: Draft, { nowMs }: RolloutView): void {
  if (draft.head.request.approval !== 'before' && draft.head.approver === null) return;
  change(draft, { status: 'waiting_for_approval', gate: newGate(nowMs, true) });
}

/** Pauses a rollout that nobody has approved in time. */
export function expireApproval(draft: Draft, { nowMs }: RolloutView): void {
  const { status, gate } = draft.head;
  if (status !== 'waiting_for_approval' || nowMs < (gate?.approval?.expiresAtMs ?? nowMs)) return;
  change(draft, {
    ...{ status: 'paused', pausedFrom: 'waiting_for_approval' },
    reason: 'nobody approved it within 24 h: resume it to ask again',
  });
}

/**
 * Closes the present batch, whose hosts are done: checks them, and goes to the next one.
 * @returns `false` if there is nothing to go on with now
 */
export function closeBatch(draft: Draft, view: RolloutView): boolean {
  const { between, approval } = draft.head.request;
  if (between.check !== undefined && checkHosts(draft, view)) return false;
  const later = draft.hosts.filter(({ status }) => !isHostDone(status)).map(({ batch }) => batch);
  if (later.length === 0) {
    change(draft, { status: 'completed', endedAtMs: view.nowMs, reason: null });
    return false;
  }
  const needsApproval = approval === 'between';
  change(draft, {
    batch: Math.min(...later),
    gate: newGate(view.nowMs, needsApproval),
    status: needsApproval ? 'waiting_for_approval' : 'running',
    reason: null,
  });
  return true;
}

/** @returns `true` if hosts of the batch have a check to run */
function checkHosts(draft: Draft, view: RolloutView): boolean {
  const unchecked = presentBatch(draft).filter(
    ({ status, checkId }) => status === 'completed' && checkId === null,
  );
  for (const { index, host } of unchecked) {
    changeHost(draft, index, { status: 'checking', checkId: view.newTaskId(host) });
  }
  return unchecked.length > 0;
}

/** @returns `true` if the present batch may begin */
export function openGate(draft: Draft, { nowMs, countFiring }: RolloutView): boolean {
  const { gate, batch, batches, request } = draft.head;
  if (gate === null) return true;
  const { waitSeconds, healthy } = request.between;
  const isFirst = batch === 0;
  if (!isFirst && nowMs < gate.sinceMs + waitSeconds * 1000) {
    change(draft, { reason: `waits ${waitSeconds} s before batch ${batch + 1} of ${batches}` });
    return false;
  }
  const done = draft.hosts.filter(({ status }) => status === 'completed').map(({ host }) => host);
  const firing = healthy ? countFiring(done) : 0;
  if (firing > 0) {
    const hosts = firing === 1 ? '1 host that is done has' : `${firing} hosts that are done have`;
    change(draft, { reason: `waits for health: ${hosts} an alert that fires` });
    return false;
  }
  change(draft, { gate: null, reason: null });
  return true;
}
