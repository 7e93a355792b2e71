import {
  APPROVAL_TTL_MS,
  includesRole,
  isHostDone,
  isRolloutOver,
  type Role,
  type Rollout,
} from '@booner/protocol';
import { change, changeHost, draftOf, failedHosts, type RolloutStep, stepOf } from './rollout-step.ts';

/** What a person asks of a rollout. */
export type Direction =
  | { readonly type: 'pause' | 'resume' | 'retry_failed' }
  /** `running`: what becomes of tasks that run. */
  | { readonly type: 'cancel'; readonly running: 'finish' | 'cancel' }
  | ({ readonly type: 'approve' } & Approver);

/** A person who approves a rollout. */
type Approver = {
  readonly subject: string | null;
  readonly credentialId: string | null;
  readonly role: Role;
};

/** `refusal`: why the rollout does not do it, as the rest of a sentence. */
export type Directed = RolloutStep | { readonly refusal: string; readonly isForbidden?: true };

/** Directs a rollout. Pure. Repeating a direction has no further effect. */
export function directRollout(rollout: Rollout, direction: Direction, nowMs: number): Directed {
  switch (direction.type) {
    case 'pause':
      return pause(rollout);
    case 'resume':
      return resume(rollout, nowMs);
    case 'cancel':
      return cancel(rollout, direction.running);
    case 'approve':
      return approve(rollout, direction, nowMs);
    case 'retry_failed':
      return retryFailed(rollout);
    default:
      return direction satisfies never;
  }
}

function pause(rollout: Rollout): Directed {
  const { status } = rollout;
  const draft = draftOf(rollout);
  if (isRolloutOver(status)) return { refusal: `is ${status}` };
  if (status !== 'paused') {
    const pausedFrom = status === 'waiting_for_approval' ? status : 'running';
    change(draft, { status: 'paused', pausedFrom, reason: 'paused by request' });
  }
  return stepOf(draft);
}

function resume(rollout: Rollout, nowMs: number): Directed {
  const { status, pausedFrom, gate } = rollout;
  const draft = draftOf(rollout);
  if (isRolloutOver(status)) return { refusal: `is ${status}: retry its failed hosts instead` };
  if (status !== 'paused') return stepOf(draft);
  if (rollout.startedAtMs === null) change(draft, { status: 'pending', pausedFrom: null, reason: null });
  else change(draft, { status: pausedFrom ?? 'running', pausedFrom: null, reason: null });
  if (pausedFrom === 'waiting_for_approval' && gate !== null) {
    const approval = { askedAtMs: nowMs, expiresAtMs: nowMs + APPROVAL_TTL_MS };
    change(draft, { gate: { ...gate, approval } });
  }
  return stepOf(draft);
}

function cancel(rollout: Rollout, running: 'finish' | 'cancel'): Directed {
  const { status } = rollout;
  const draft = draftOf(rollout);
  if (isRolloutOver(status) && rollout.endedAtMs !== null) {
    return status === 'cancelled' ? stepOf(draft) : { refusal: `is ${status}` };
  }
  if (!isRolloutOver(status)) change(draft, { status: 'cancelled', reason: 'cancelled by request' });
  if (running === 'cancel') change(draft, { cancelsRunning: true });
  return stepOf(draft);
}

function approve(rollout: Rollout, { subject, credentialId, role }: Approver, nowMs: number): Directed {
  const { status, gate, createdBy, approver } = rollout;
  const draft = draftOf(rollout);
  if (status !== 'waiting_for_approval' || gate === null) return { refusal: 'does not wait for an approval' };
  if (nowMs >= (gate.approval?.expiresAtMs ?? 0))
    return { refusal: 'has waited too long: resume it to ask again' };
  if (approver !== null && !includesRole(role, approver))
    return { refusal: `needs the approval of somebody with the role ${approver}`, isForbidden: true };
  if (subject === createdBy || (credentialId !== null && credentialId === rollout.credentialId))
    return { refusal: 'was created by you: somebody else has to approve it', isForbidden: true };
  change(draft, { status: 'running', gate: { ...gate, approval: null }, reason: null });
  return stepOf(draft);
}

function retryFailed(rollout: Rollout): Directed {
  const { status, endedAtMs } = rollout;
  const draft = draftOf(rollout);
  if (!isRolloutOver(status)) return { refusal: `is ${status.replaceAll('_', ' ')}: wait for its end` };
  if (endedAtMs === null) return { refusal: 'still has tasks that run: wait for their end' };
  const failed = failedHosts(rollout.hosts);
  if (failed.length === 0) return { refusal: 'has no failed hosts' };
  for (const { index } of failed) {
    changeHost(draft, index, {
      status: 'waiting',
      taskId: null,
      checkId: null,
      error: null,
      offlineSinceMs: null,
    });
  }
  const waiting = draft.hosts.filter((host) => !isHostDone(host.status)).map(({ batch }) => batch);
  change(draft, {
    ...{
      status: 'running',
      endedAtMs: null,
      reason: null,
      gate: null,
      pausedFrom: null,
      cancelsRunning: false,
    },
    batch: Math.min(...waiting),
  });
  return stepOf(draft);
}
