import { type BackoffBounds, backoffDelayMs } from '@booner/protocol/backoff';
import type { ConnectionReason, ConnectionState } from './connection-state.ts';
import { type DueWork, dueWork } from './deadlines.ts';
import {
  type Command,
  IDLE,
  type Input,
  type Loss,
  type Machine,
  type MachineContext,
  STOPPED,
  type Step,
} from './machine.ts';

/** After a WebSocket that lived this long, another is tried before polling begins. */
export const SETTLED_AFTER_MS = 10_000;
/** Polling begins after this long without a live WebSocket, whatever its state. */
export const FALLBACK_AFTER_MS = 4000;
const RETRY: BackoffBounds = { minMs: 1000, maxMs: 15_000 };
/** A client that was asked to slow down backs off as if it had failed this often. */
const FAILURES_WHEN_RATE_LIMITED = 5;
/**
 * A refused client retries rarely. Until a sign-in nudges it, only new rights of the same token
 * would help.
 */
const REFUSED_RETRY_MS = 60_000;
/** A younger opening continues when the page is shown or the network returns. */
const FRESH_OPENING_MS = 2000;

const STARTING: ConnectionReason = { code: 'starting', detail: 'connecting to the hub' };
const CONNECTED: ConnectionReason = { code: 'connected', detail: 'the WebSocket is open' };
const WOKE: ConnectionReason = { code: 'woke', detail: 'this machine slept' };

type Draft = { -readonly [Name in keyof Machine]: Machine[Name] };
type Change = { readonly next: Draft; readonly commands: Command[]; readonly context: MachineContext };

/** Processes an input. Pure: time and randomness come with the context. */
export function advance(machine: Machine, input: Input, context: MachineContext): Step {
  const change: Change = { next: { ...machine }, commands: [], context };
  if (machine.socket.type !== 'stopped' || input.type === 'start') take(change, input);
  return { machine: change.next, commands: change.commands };
}

function take(change: Change, input: Input): void {
  const { next, context } = change;
  switch (input.type) {
    case 'start':
      if (next.socket.type !== 'stopped') break;
      next.state = { ...STOPPED.state, sinceMs: context.nowMs, dataAtMs: next.state.dataAtMs };
      beginAnew(change, STARTING);
      break;
    case 'stop':
      closeSocket(change);
      stopPolling(change);
      Object.assign(next, { ...STOPPED, state: next.state });
      show(change, 'connecting', IDLE);
      break;
    case 'woke':
      closeSocket(change);
      stopPolling(change);
      beginAnew(change, WOKE);
      break;
    case 'received':
      received(change, input.waitingFor);
      break;
    case 'lost':
      lost(change, input.loss);
      break;
    case 'polled':
      polled(change);
      break;
    case 'poll_failed':
      pollFailed(change, input.reason, input.retryAfterMs);
      break;
    case 'nudge':
      nudged(change);
      break;
    case 'tick': {
      // Ends, because each task moves its own deadline.
      for (let work = dueWork(next, context); work !== null; work = dueWork(next, context))
        perform(change, work);
      break;
    }
    default:
      input satisfies never;
  }
}

function perform(change: Change, work: DueWork): void {
  const { next, commands } = change;
  switch (work) {
    case 'give up opening': {
      const detail = 'the WebSocket was not open in time';
      commands.push('close');
      lost(change, { cause: 'closed', detail, mayReconnect: true, isRateLimited: false });
      break;
    }
    case 'give up silent':
      commands.push('close');
      lost(change, { cause: 'silent' });
      break;
    case 'open':
      openSocket(change);
      break;
    case 'probe':
      probe(change);
      break;
    case 'begin polling':
      startPolling(change);
      break;
    case 'poll': {
      const failures = next.poll.type === 'waiting' ? next.poll.failures : 0;
      next.poll = { type: 'asking', failures };
      commands.push('poll');
      break;
    }
    default:
      work satisfies never;
  }
}

function beginAnew(change: Change, reason: ConnectionReason): void {
  const { next, context } = change;
  next.failures = 0;
  next.fallbackAtMs = context.nowMs + FALLBACK_AFTER_MS;
  next.socketReason = reason;
  openSocket(change);
  show(change, 'connecting', reason);
}

function received(change: Change, waitingFor: string | null): void {
  const { next, context } = change;
  const { nowMs } = context;
  if (next.socket.type === 'opening') {
    next.socket = { type: 'open', sinceMs: nowMs, receivedAtMs: nowMs, probedAtMs: null };
  } else if (next.socket.type === 'open') {
    next.socket = { ...next.socket, receivedAtMs: nowMs, probedAtMs: null };
  } else return;
  if (waitingFor === null) goLive(change);
  else awaitPicture(change, waitingFor);
}

function goLive(change: Change): void {
  const { next, context } = change;
  next.fallbackAtMs = null;
  if (next.poll.type !== 'off') stopPolling(change);
  next.state = { ...next.state, dataAtMs: context.nowMs };
  show(change, 'live', CONNECTED);
}

/** The WebSocket is open but silent. REST is tried meanwhile, since another hub may answer it. */
function awaitPicture(change: Change, detail: string): void {
  const { next, context } = change;
  next.socketReason = { code: 'waiting', detail };
  if (next.poll.type === 'off') {
    next.fallbackAtMs ??= context.nowMs + FALLBACK_AFTER_MS;
    show(change, 'connecting', next.socketReason);
  } else if (next.state.type === 'polling') show(change, 'polling', next.socketReason);
}

function lost(change: Change, loss: Loss): void {
  const { next, context } = change;
  const { socket } = next;
  if (socket.type !== 'opening' && socket.type !== 'open') return;
  const { nowMs, random } = context;
  const wasOpen = socket.type === 'open';
  const hadSettled = wasOpen && nowMs - socket.sinceMs >= SETTLED_AFTER_MS;
  next.failures = hadSettled ? 0 : next.failures + 1;
  if (loss.cause === 'closed' && loss.isRateLimited) {
    next.failures = Math.max(next.failures, FAILURES_WHEN_RATE_LIMITED);
  }
  const staysAway = loss.cause === 'closed' && !loss.mayReconnect;
  const isRefused = next.poll.type !== 'off' && isRefusal(next.state.reason);
  const delayMs = backoffDelayMs(Math.max(0, next.failures - 1), RETRY, random);
  next.socket = { type: 'waiting', retryAtMs: staysAway || isRefused ? null : nowMs + delayMs };
  next.socketReason = reasonOf(loss, { wasOpen, staysAway });
  if (next.poll.type !== 'off') {
    if (next.state.type === 'polling') show(change, 'polling', next.socketReason);
    return;
  }
  const diedYoung = wasOpen && !hadSettled;
  if (diedYoung || staysAway || next.failures >= 2) startPolling(change);
  else next.fallbackAtMs ??= nowMs + FALLBACK_AFTER_MS;
  show(change, 'connecting', next.socketReason);
}

function reasonOf(
  loss: Loss,
  { wasOpen, staysAway }: { wasOpen: boolean; staysAway: boolean },
): ConnectionReason {
  if (loss.cause === 'silent') return { code: 'silent', detail: 'the WebSocket stopped delivering data' };
  if (loss.cause === 'no_websocket') return { code: 'no_websocket', detail: 'this runtime has no WebSocket' };
  return { code: staysAway ? 'refused' : wasOpen ? 'closed' : 'not_opened', detail: loss.detail };
}

const isRefusal = ({ code }: ConnectionReason): boolean => code === 'refused';

function polled(change: Change): void {
  const { next, context } = change;
  if (next.poll.type !== 'asking') return;
  const { nowMs, intervalMs } = context;
  const isBack = next.poll.failures > 0;
  next.poll = { type: 'waiting', dueAtMs: nowMs + intervalMs, failures: 0 };
  next.state = { ...next.state, dataAtMs: nowMs };
  if (isBack && next.socket.type === 'waiting') {
    // Something has changed, so a WebSocket that was asked not to reconnect may also try again.
    next.socket = {
      type: 'waiting',
      retryAtMs: Math.min(next.socket.retryAtMs ?? nowMs, nowMs + RETRY.minMs),
    };
  }
  show(change, 'polling', next.socketReason);
}

function pollFailed(change: Change, reason: ConnectionReason, retryAfterMs: number | null): void {
  const { next, context } = change;
  if (next.poll.type !== 'asking') return;
  const { failures } = next.poll;
  if (isRefusal(reason)) {
    // REST reports what a WebSocket cannot: this client is refused. A WebSocket would be refused,
    // too.
    if (next.socket.type === 'waiting') next.socket = { type: 'waiting', retryAtMs: null };
    next.poll = { type: 'waiting', dueAtMs: context.nowMs + REFUSED_RETRY_MS, failures: failures + 1 };
    show(change, 'offline', reason);
    return;
  }
  const waitMs = Math.max(
    retryAfterMs ?? 0,
    Math.min(context.intervalMs, RETRY.maxMs) + backoffDelayMs(failures, RETRY, context.random),
  );
  next.poll = { type: 'waiting', dueAtMs: context.nowMs + waitMs, failures: failures + 1 };
  // If the hub answers over its WebSocket, its own reason for having no data is the best one.
  show(change, 'offline', next.socket.type === 'open' ? next.socketReason : reason);
}

function nudged(change: Change): void {
  const { next, context } = change;
  const { nowMs } = context;
  const { socket, poll } = next;
  next.failures = 0;
  if (socket.type === 'waiting') openSocket(change);
  else if (socket.type === 'opening' && nowMs - socket.sinceMs > FRESH_OPENING_MS) {
    change.commands.push('close');
    openSocket(change);
  } else if (socket.type === 'open' && socket.probedAtMs === null) probe(change);
  if (poll.type === 'waiting' && poll.failures > 0) next.poll = { ...poll, dueAtMs: nowMs };
  take(change, { type: 'tick' });
}

function openSocket({ next, commands, context }: Change): void {
  next.socket = { type: 'opening', sinceMs: context.nowMs };
  commands.push('open');
}

function probe({ next, commands, context }: Change): void {
  if (next.socket.type !== 'open') return;
  next.socket = { ...next.socket, probedAtMs: context.nowMs };
  commands.push('probe');
}

function closeSocket({ next, commands }: Change): void {
  if (next.socket.type === 'opening' || next.socket.type === 'open') commands.push('close');
}

function startPolling({ next, context }: Change): void {
  next.fallbackAtMs = null;
  if (next.poll.type === 'off') next.poll = { type: 'waiting', dueAtMs: context.nowMs, failures: 0 };
}

function stopPolling({ next, commands }: Change): void {
  if (next.poll.type === 'asking') commands.push('abort_poll');
  next.poll = { type: 'off' };
}

/** Keeps the identity of a state that says the same as before. */
function show({ next, context }: Change, type: ConnectionState['type'], reason: ConnectionReason): void {
  const { state } = next;
  const isSameReason = state.reason.code === reason.code && state.reason.detail === reason.detail;
  const common = {
    reason: isSameReason ? state.reason : reason,
    sinceMs: state.type === type ? state.sinceMs : context.nowMs,
    dataAtMs: state.dataAtMs,
  };
  if (type === 'polling') {
    const { intervalMs } = context;
    if (state.type !== type || !isSameReason || state.intervalMs !== intervalMs) {
      next.state = { type, ...common, intervalMs };
    }
  } else if (state.type !== type || !isSameReason) next.state = { type, ...common };
}
