import type { ControlMessage, TaskOffer } from '@booner/protocol';
import type { TaskId } from '@booner/protocol/task-id';
import type { ListedAction } from '../catalogue/action.ts';
import type { Retry } from '../catalogue/retry.ts';
import { type Slot, slotOf } from '../catalogue/slot.ts';
import type { Change, ClaimingEntry, EndedRecord, GrantedEntry } from './executor-state.ts';
import { selectReady } from './schedule.ts';

/**
 * Tasks that wait at a time. Hubs queue at most 25 a host; one that is skipped here is offered
 * again at the next connection.
 */
const MAX_WAITING = 1000;

export function takeOffer(change: Change, offer: TaskOffer): void {
  const { tasks, commands } = change;
  const { task } = offer;
  const known = tasks.get(task);
  if (known !== undefined && 'offeredAgain' in known) tasks.set(task, { ...known, offeredAgain: offer });
  if (change.phase === 'stopping' || known !== undefined) return;
  const waiting = [...tasks.values()].filter(({ phase }) => phase === 'waiting').length;
  if (waiting >= MAX_WAITING) {
    commands.push({ type: 'skip_offer', task, waiting });
    return;
  }
  tasks.set(task, { phase: 'waiting', offer });
  claimReady(change);
}

export function claimReady(change: Change): void {
  const { tasks, actions, commands, context } = change;
  if (!change.isServing || change.phase !== 'open') return;
  const queue = [...tasks].flatMap(([task, entry]) =>
    entry.phase === 'waiting' ? { task, offer: entry.offer, slot: slotFor(change, entry.offer) } : [],
  );
  if (queue.length === 0) return;
  const held = [...tasks.values()].flatMap((entry) => ('slot' in entry ? (entry.slot ?? []) : []));
  for (const { task, offer, slot } of selectReady(queue, { held, concurrency: context.concurrency })) {
    const action = actions.get(offer.action) ?? null;
    const knownEnd = context.endOf(task);
    tasks.set(task, { phase: 'claiming', offer, action, slot: slot?.key ?? null, knownEnd });
    const idempotent = action?.idempotent ?? false;
    const attempts = retryOf(action, offer)?.attempts ?? null;
    commands.push({ type: 'claim', task, idempotent, attempts, starts: context.startsOf(task) });
  }
}

/**
 * @returns `null` for what will not be spawned: the action is unknown here, or the task has ended
 */
function slotFor({ actions, context }: Change, { task, action: name }: TaskOffer): Slot | null {
  const action = actions.get(name);
  return action === undefined || context.endOf(task) !== null ? null : slotOf(action);
}

export function takeGrant(change: Change, grant: Extract<ControlMessage, { type: 'grant' }>): void {
  const { tasks, commands, context } = change;
  const { task, instance, attempt, logLines } = grant;
  const number = grant.number ?? context.startsOf(task) + 1;
  const entry = tasks.get(task);
  if (instance !== context.instance || entry === undefined) return;
  if (entry.phase === 'ended' && entry.attempt === attempt) commands.push({ type: 'repeat_end', attempt });
  if (entry.phase !== 'claiming') return;
  commands.push({ type: 'drop_claim', task });
  const known = context.endOf(task) ?? entry.knownEnd;
  if (known !== null) {
    // The hubs lost what they knew, as a Redis that lost its last writes does: no second run.
    const end: EndedRecord = { ...known, instance, attempt };
    tasks.set(task, { phase: 'ended', attempt, end, offeredAgain: null });
    commands.push({ type: 'record', record: end }, { type: 'report_end', end });
    return;
  }
  const { offer, slot } = entry;
  const action = actionFor(change, entry);
  tasks.set(task, {
    phase: 'starting',
    ...{ offer, action, slot, logLines, attempt, number },
    requested: null,
    isGivenUp: false,
    offeredAgain: null,
  });
  commands.push({ type: 'open_attempt', offer, attempt, logLines });
  writeStarted(change, { offer, action, attempt, number });
  commands.push({ type: 'announce' });
}

/** Writes the line of a start. */
export function writeStarted(
  { commands, context }: Change,
  { offer, action, attempt, number }: Pick<GrantedEntry, 'offer' | 'action' | 'attempt' | 'number'>,
): void {
  const { instance } = context;
  const idempotent = action?.idempotent ?? false;
  const names = { task: offer.task, attempt, instance, action: offer.action };
  commands.push({ type: 'write_started', record: { type: 'started', ...names, idempotent, number } });
}

/** A dry run that fails has found something: running it again does not help. */
export const retryOf = (action: ListedAction | null, { check = false }: TaskOffer): Retry | null =>
  check ? null : (action?.retry ?? null);

/**
 * Returns the current action, so that a run follows the newest file. The claimed one stays where
 * the current one would need another slot than the task holds.
 */
function actionFor({ actions }: Change, { offer, action }: ClaimingEntry): ListedAction | null {
  const now = actions.get(offer.action) ?? null;
  return now === null || now.lock === action?.lock ? now : action;
}

export function takeDenial(change: Change, task: TaskId, reason: string): void {
  const { tasks, commands } = change;
  const entry = tasks.get(task);
  if (entry?.phase !== 'claiming' && entry?.phase !== 'waiting') return;
  if (entry.phase === 'claiming') {
    commands.push({ type: 'drop_claim', task });
    // Processes may be left of a start before the runner lost its state: nothing else knows of
    // them.
    if (reason !== 'cancelled') commands.push({ type: 'end_strays', task });
  }
  tasks.delete(task);
  claimReady(change);
}
