import {
  cancel,
  endAttempt,
  endDelay,
  endForStop,
  endRecorded,
  giveUp,
  settle,
  startWritten,
} from './attempt-steps.ts';
import { claimReady, takeDenial, takeGrant, takeOffer } from './claim-steps.ts';
import type { Change, ExecutorContext, ExecutorState, Input, Step } from './executor-state.ts';

/** Takes an input. Pure: the memory of the journal comes with the context. */
export function advance(state: ExecutorState, input: Input, context: ExecutorContext): Step {
  const change: Change = { ...state, tasks: new Map(state.tasks), commands: [], context };
  take(change, input);
  const { phase, isServing, actions, tasks, commands } = change;
  return { state: { phase, isServing, actions, tasks }, commands };
}

function take(change: Change, input: Input): void {
  switch (input.type) {
    case 'start':
      begin(change);
      break;
    case 'offer':
      takeOffer(change, input.offer);
      break;
    case 'grant':
      takeGrant(change, input);
      break;
    case 'deny':
      takeDenial(change, input.task, input.reason);
      break;
    case 'cancel':
      cancel(change, input.task, input.attempt);
      break;
    case 'stop':
      giveUp(change, input.task, input.attempt);
      break;
    case 'settled':
      settle(change, input.task, input.attempt);
      break;
    case 'serving':
      change.isServing = input.isServing;
      if (input.isServing) change.commands.push({ type: 'send_again' });
      claimReady(change);
      break;
    case 'connected':
      change.commands.push({ type: 'send_again' });
      break;
    case 'catalogue':
      change.actions = input.actions;
      claimReady(change);
      if (change.phase !== 'created') change.commands.push({ type: 'announce' });
      break;
    case 'started_written':
      startWritten(change, input);
      break;
    case 'attempt_ended':
      endAttempt(change, input);
      break;
    case 'delay_over':
      endDelay(change, input);
      break;
    case 'end_recorded':
      endRecorded(change, input.task, input.attempt);
      break;
    case 'shutdown':
      shutDown(change);
      break;
    default:
      input satisfies never;
  }
}

/** Reports ends that earlier starts could not settle, and claims tasks offered meanwhile. */
function begin(change: Change): void {
  if (change.phase !== 'created') return;
  change.phase = 'open';
  for (const entry of change.tasks.values()) {
    if (entry.phase === 'ended') change.commands.push({ type: 'report_end', end: entry.end });
  }
  claimReady(change);
  change.commands.push({ type: 'announce' });
}

function shutDown(change: Change): void {
  const { tasks, commands } = change;
  if (change.phase === 'stopping') return;
  change.phase = 'stopping';
  for (const [task, entry] of tasks) {
    if (entry.phase === 'claiming') commands.push({ type: 'drop_claim', task });
    if (entry.phase === 'claiming' || entry.phase === 'waiting') tasks.delete(task);
    else endForStop(change, task, entry);
  }
}
