import { failuresAllowed, isHostDone, isRolloutOver, type Rollout, type RolloutHost } from '@booner/protocol';
import { beginHosts } from './begin-hosts.ts';
import { askBefore, closeBatch, expireApproval, openGate } from './pass-gate.ts';
import {
  change,
  changeHost,
  type Draft,
  draftOf,
  failedHosts,
  presentBatch,
  type RolloutStep,
  type RolloutView,
  stepOf,
} from './rollout-step.ts';

/**
 * Decides what becomes of a rollout, given what the hub sees. Pure, and by levels: it compares what
 * is stored with what is, so any hub can go on from any version, and a step can be repeated.
 */
export function advanceRollout(rollout: Rollout, view: RolloutView): RolloutStep {
  const draft = draftOf(rollout);
  followTasks(draft, view);
  stopAfterFailures(draft);
  if (isRolloutOver(draft.head.status)) endTasks(draft, view);
  else goOn(draft, view);
  createMissingTasks(draft, view);
  return stepOf(draft);
}

/** Takes over what tasks have become. */
function followTasks(draft: Draft, view: RolloutView): void {
  for (const { index, status, taskId, checkId } of [...draft.hosts]) {
    const isChecking = status === 'checking';
    const id = isChecking ? checkId : taskId;
    if (id === null || isHostDone(status) || status === 'waiting') continue;
    const task = view.taskOf(id);
    if (task === null) continue;
    const reason = isChecking ? `the check failed: ${task.error ?? task.status}` : task.error;
    if (task.status === 'failed') changeHost(draft, index, { status: 'failed', error: reason });
    else if (task.status === 'cancelled') changeHost(draft, index, { status: 'cancelled', error: reason });
    else if (task.status === 'completed') changeHost(draft, index, { status: 'completed', error: null });
    else if (!isChecking && task.status !== status) changeHost(draft, index, { status: task.status });
  }
}

function stopAfterFailures(draft: Draft): void {
  if (isRolloutOver(draft.head.status)) return;
  const failed = failedHosts(draft.hosts).length;
  const total = draft.hosts.length;
  const allowed = failuresAllowed(draft.head.request.maxFailures, total);
  if (failed <= allowed) return;
  const limit = allowed === 0 ? 'none may' : `no more than ${allowed} may`;
  change(draft, { status: 'failed', reason: `${failed} of ${total} hosts failed: ${limit}` });
}

/** Cancels what has not begun, and on request what has. It is over once no task is left. */
function endTasks(draft: Draft, view: RolloutView): void {
  const wasOver = isRolloutOver(draft.before.status);
  for (const { index, status, taskId, checkId } of [...draft.hosts]) {
    const id = status === 'checking' ? checkId : taskId;
    if (id === null || isHostDone(status) || status === 'waiting') continue;
    const isQueued = view.taskOf(id)?.status !== 'running';
    if (view.taskOf(id) === null) {
      // From the version before on, the bus creates no task of this rollout.
      if (wasOver) changeHost(draft, index, endOfUnstarted(status));
    } else if (isQueued || draft.head.cancelsRunning) {
      draft.commands.push({ type: 'cancel', taskId: id });
    }
  }
  if (draft.head.endedAtMs === null && !draft.hosts.some(isActive)) change(draft, { endedAtMs: view.nowMs });
}

/** A host whose check was not created did what it had to do. */
const endOfUnstarted = (status: RolloutHost['status']): Partial<RolloutHost> =>
  status === 'checking' ? { status: 'completed', checkId: null } : { status: 'waiting', taskId: null };

const isActive = ({ status }: RolloutHost): boolean => status !== 'waiting' && !isHostDone(status);

function goOn(draft: Draft, view: RolloutView): void {
  if (draft.head.status === 'pending') {
    change(draft, { status: 'running', startedAtMs: view.nowMs });
    askBefore(draft, view);
  }
  expireApproval(draft, view);
  // Each turn passes a gate or closes a batch.
  while (draft.head.status === 'running') {
    if (draft.head.gate !== null && !openGate(draft, view)) return;
    beginHosts(draft, view);
    stopAfterFailures(draft);
    if (draft.head.status !== 'running') return;
    if (!presentBatch(draft).every(({ status }) => isHostDone(status))) return;
    if (!closeBatch(draft, view)) return;
  }
}

/** Creates the tasks that hosts wait for. A task that exists is not created again. */
function createMissingTasks({ head, hosts, commands }: Draft, view: RolloutView): void {
  if (head.status !== 'running') return;
  for (const { host, status, taskId, checkId } of hosts) {
    const of = status === 'checking' ? 'check' : 'action';
    const id = of === 'check' ? checkId : taskId;
    if (id === null || (status !== 'queued' && status !== 'checking')) continue;
    if (view.taskOf(id) === null) commands.push({ type: 'create', host, taskId: id, of });
  }
}
