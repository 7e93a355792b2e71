import type { AlertEffect, AlertSeverity, GroupMemory } from '@booner/protocol';
import { isWorse } from '../machine/alert-level.ts';
import { digest } from '../machine/episode-id.ts';

type NotificationKind = 'firing' | 'escalated' | 'reminder' | 'summary' | 'flapping' | 'resolved';

/** One message to the channels, about one or many alerts. */
export type AlertNotification = {
  /** For `Idempotency-Key`: the same alerts yield the same id, whenever they are flushed. */
  readonly id: string;
  readonly kind: NotificationKind;
  readonly group: string;
  /** The worst of its alerts. */
  readonly severity: AlertSeverity;
  readonly atMs: number;
  readonly channels: readonly string[];
  /** One effect for each alert, in the order in which they arrived. */
  readonly alerts: readonly AlertEffect[];
  /** Alerts of the group that people know of and that have not resolved, these included. */
  readonly openCount: number;
};

export const EMPTY_GROUP: GroupMemory = {
  open: [],
  waiting: [],
  resolved: [],
  waitingMs: null,
  resolvedMs: null,
  sentAtMs: null,
};

/** `group_wait` of Alertmanager, and the least time between two notifications of a group. */
const GROUP_WAIT_MS = 30_000;
/**
 * Hosts that fail together are noticed one after the other, within an interval. Once nothing has
 * followed for this long, the group is complete and need not wait any longer.
 */
const COMPLETE_AFTER_MS = 500;
/** `group_interval` of Alertmanager: how long hosts that are back wait for the others. */
const RESOLVED_WAIT_MS = 5 * 60_000;
const MAX_RESOLVED_WAIT_MS = 30 * 60_000;

/**
 * Returns the groups of an effect: `collectIn` notifies of it, and `trackIn` knows that it is open.
 * They differ for a summary: quiet hours that end are one message, however many rules fire.
 * @param group value of the rule's `groupBy` label
 */
export function groupKeys({ type, rule, channels }: AlertEffect, group: string | null) {
  const trackIn = JSON.stringify(['rule', rule, group]);
  const collectIn = type === 'summary' ? JSON.stringify(['summary', [...channels].sort()]) : trackIn;
  return { collectIn, trackIn };
}

/** Returns the rule and label value of a group; `null`: it is one of summaries. */
export function ruleGroupOf(group: string): { readonly rule: string; readonly value: string | null } | null {
  const [kind, rule, value] = JSON.parse(group) as [string, string, string | null];
  return kind === 'rule' ? { rule, value } : null;
}

/** Adds effects to the group that notifies of them. */
export function collectEffects(
  memory: GroupMemory,
  effects: readonly AlertEffect[],
  atMs: number,
): GroupMemory {
  const open = new Set(memory.open);
  const waiting = new Map(memory.waiting.map((effect) => [effect.episode, effect]));
  const resolved = [...memory.resolved];
  for (const effect of effects) {
    const { episode, type } = effect;
    const before = waiting.get(episode);
    if (type !== 'resolve') {
      waiting.set(
        episode,
        before?.type === 'open' && type === 'worsen' ? { ...effect, type: 'open' } : effect,
      );
      continue;
    }
    waiting.delete(episode);
    // What began and ended while it waited is not worth a message.
    if (!open.delete(episode) && before !== undefined) continue;
    resolved.push(effect);
  }
  const extend = (span: GroupMemory['waitingMs'], isEmpty: boolean, isExtended: boolean) => {
    if (isEmpty) return null;
    return isExtended || span === null ? ([span?.[0] ?? atMs, atMs] as const) : span;
  };
  const hasNew = effects.some(({ type }) => type !== 'resolve');
  return {
    open: [...open],
    waiting: [...waiting.values()],
    resolved,
    waitingMs: extend(memory.waitingMs, waiting.size === 0, hasNew),
    resolvedMs: extend(memory.resolvedMs, resolved.length === 0, resolved.length > memory.resolved.length),
    sentAtMs: memory.sentAtMs,
  };
}

/** Notes that people learn of episodes through another group. */
export const trackEffects = (memory: GroupMemory, effects: readonly AlertEffect[]): GroupMemory => ({
  ...memory,
  open: [...new Set([...memory.open, ...effects.map(({ episode }) => episode)])],
});

/**
 * Returns when the group's next notification is due, in Unix milliseconds; `null`: none is.
 * @param nextOpenMs when the next pending alert of the group would fire; `null`: none is pending
 */
export function dueAt(memory: GroupMemory, nextOpenMs: number | null): number | null {
  const dueMs = [waitingDueAt(memory, nextOpenMs), resolvedDueAt(memory)].filter((ms) => ms !== null);
  return dueMs.length === 0 ? null : Math.min(...dueMs);
}

function waitingDueAt({ waitingMs, sentAtMs }: GroupMemory, nextOpenMs: number | null): number | null {
  if (waitingMs === null) return null;
  const [firstMs, lastMs] = waitingMs;
  const latestMs = firstMs + GROUP_WAIT_MS;
  const growsAtMs = nextOpenMs !== null && nextOpenMs <= latestMs ? Math.max(nextOpenMs, lastMs) : lastMs;
  const completeMs = Math.min(growsAtMs + COMPLETE_AFTER_MS, latestMs);
  return sentAtMs === null ? completeMs : Math.max(completeMs, sentAtMs + GROUP_WAIT_MS);
}

function resolvedDueAt({ open, waiting, resolvedMs }: GroupMemory): number | null {
  if (resolvedMs === null) return null;
  const [firstMs, lastMs] = resolvedMs;
  if (open.length === 0 && waiting.length === 0) return lastMs;
  return Math.min(lastMs + RESOLVED_WAIT_MS, firstMs + MAX_RESOLVED_WAIT_MS);
}

const KINDS = {
  open: 'firing',
  worsen: 'firing',
  escalate: 'escalated',
  reminder: 'reminder',
  summary: 'summary',
  flapping: 'flapping',
  resolve: 'resolved',
} as const satisfies Record<AlertEffect['type'], NotificationKind>;

/** Takes the notifications that are due at `atMs` out of a group. @param nextOpenMs as for dueAt */
export function flushGroup(
  memory: GroupMemory,
  group: string,
  atMs: number,
  nextOpenMs: number | null,
): { readonly memory: GroupMemory; readonly notifications: readonly AlertNotification[] } {
  const isDue = (dueMs: number | null) => dueMs !== null && dueMs <= atMs;
  const waiting = isDue(waitingDueAt(memory, nextOpenMs)) ? memory.waiting : [];
  const notified = waiting.filter(({ type }) => type === 'open' || type === 'worsen' || type === 'flapping');
  const next = {
    ...trackEffects(memory, notified),
    ...(waiting.length > 0 && { waiting: [], waitingMs: null, sentAtMs: atMs }),
  };
  const resolved = isDue(resolvedDueAt(next)) ? memory.resolved : [];
  const byMessage = Map.groupBy([...waiting, ...resolved], ({ type, channels }) =>
    JSON.stringify([KINDS[type], channels]),
  );
  const notifications = [...byMessage.values()].map((alerts): AlertNotification => {
    const { type, channels, episode, atMs: effectAtMs } = alerts[0]!;
    const kind = KINDS[type];
    const id = digest([group, kind, channels.join(), episode, effectAtMs]);
    const openCount = next.open.length;
    return { id, kind, group, severity: worstOf(alerts), atMs, channels, alerts, openCount };
  });
  const after = { ...next, ...(resolved.length > 0 && { resolved: [], resolvedMs: null }) };
  return { memory: isForgettable(after, atMs) ? EMPTY_GROUP : after, notifications };
}

const worstOf = (alerts: readonly AlertEffect[]): AlertSeverity =>
  alerts.reduce<AlertSeverity>(
    (worst, { severity }) => (isWorse(severity, worst) ? severity : worst),
    'warn',
  );

const isForgettable = ({ open, waiting, resolved, sentAtMs }: GroupMemory, atMs: number): boolean =>
  open.length + waiting.length + resolved.length === 0 &&
  (sentAtMs === null || atMs - sentAtMs >= GROUP_WAIT_MS);
