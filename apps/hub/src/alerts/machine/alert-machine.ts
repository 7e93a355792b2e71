import { isDeepStrictEqual } from 'node:util';
import type { AlertEffect, AlertMemory, AlertSeverity, MuteReason } from '@booner/protocol';
import type { CompiledRule } from '../rules/compile-rule.ts';
import type { AlertContext, Change } from './alert-change.ts';
import { type AlertLevel, levelOf } from './alert-level.ts';
import { debounce, withoutData } from './debounce.ts';
import { FIRST_STEADY_MS, pruneChanges } from './flapping.ts';
import { endEpisode, followCondition } from './follow-episode.ts';

/** Memory of a subject that is well. Most subjects share this one object. */
export const WELL: AlertMemory = {
  level: 'ok',
  warn: null,
  crit: null,
  unknownSinceMs: null,
  episode: null,
  changesMs: [],
  steadyAfterMs: FIRST_STEADY_MS,
  flapping: null,
  mutes: [],
};

/** Times of the inputs of one subject should ascend. */
export type AlertInput =
  | {
      readonly type: 'observe';
      readonly atMs: number;
      /** `null`: no data. */
      readonly reading: number | null;
      /**
       * Every reason for silence that is in force now. Passed each time, so that the end of a mute
       * cannot get lost.
       */
      readonly mutes: readonly MuteReason[];
    }
  | {
      readonly type: 'acknowledge';
      readonly atMs: number;
      /** Acknowledging an episode that has ended changes nothing. */
      readonly episode: string;
      readonly by: string;
    };

export type AlertStep = { readonly memory: AlertMemory; readonly effects: readonly AlertEffect[] };

const NO_EFFECTS: readonly AlertEffect[] = [];
const STAYS_WELL: AlertStep = { memory: WELL, effects: NO_EFFECTS };

/**
 * Takes an input of one rule on one subject. Pure: it has no clock, and the same inputs yield the
 * same memory and effects. If nothing changed, it returns the same object: no need to store it.
 */
export function advance(memory: AlertMemory, input: AlertInput, context: AlertContext): AlertStep {
  switch (input.type) {
    case 'observe':
      return observe(memory, input, context);
    case 'acknowledge':
      return { memory: acknowledge(memory, input), effects: NO_EFFECTS };
    default:
      return input satisfies never;
  }
}

/** Takes an acknowledgement, for which the rule does not matter: see {@link advance}. */
export function acknowledge(
  memory: AlertMemory,
  { atMs, episode: id, by }: Omit<Extract<AlertInput, { type: 'acknowledge' }>, 'type'>,
): AlertMemory {
  const { episode } = memory;
  if (episode?.id !== id || episode.acknowledged !== null) return memory;
  return { ...memory, episode: { ...episode, acknowledged: { atMs, by } } };
}

/**
 * Returns true if a subject that is well stays so, as with most readings by far: then its input
 * need not be made.
 */
export const staysWell = (rule: CompiledRule, reading: number | null): boolean =>
  reading === null ? rule.noData !== 'alert' : levelOf(rule, reading, 'ok') === 'ok';

/** Returns true if nothing is lost with a memory: another hub would start over with `WELL`. */
export const isForgettable = (memory: AlertMemory): boolean => memory.level === 'ok' && isIdle(memory);

/**
 * Ends what there is to end when a subject is no longer watched: its rule or host was removed, or
 * the selector no longer matches. People who know of an episode learn that it ended, muted or not.
 */
export function close(memory: AlertMemory, atMs: number, context: AlertContext): AlertStep {
  const change: Change = { ...memory, atMs, reading: null, effects: [], context };
  endEpisode(change);
  return { memory: WELL, effects: change.effects };
}

function observe(
  memory: AlertMemory,
  { atMs, reading, mutes }: Extract<AlertInput, { type: 'observe' }>,
  context: AlertContext,
): AlertStep {
  const { rule } = context;
  if (memory === WELL && staysWell(rule, reading)) return STAYS_WELL;
  // Most of those of hosts that are offline.
  if (reading === null && memory.unknownSinceMs !== null && rule.noData !== 'alert' && isIdle(memory)) {
    return { memory, effects: NO_EFFECTS };
  }
  const conditions = readConditions(memory, reading, atMs, mutes, rule);
  const change: Change = { ...memory, ...conditions, mutes, atMs, reading, effects: [], context };
  followCondition(change, raisedSeverity(conditions));
  pruneChanges(change);
  const { level, warn, crit, unknownSinceMs, episode, changesMs, steadyAfterMs, flapping } = change;
  const next: AlertMemory = {
    level,
    warn,
    crit,
    unknownSinceMs,
    episode,
    changesMs,
    steadyAfterMs,
    flapping,
    mutes: episode === null ? [] : [...mutes],
  };
  if (isWell(next)) return { memory: WELL, effects: change.effects };
  return { memory: isDeepStrictEqual(next, memory) ? memory : next, effects: change.effects };
}

type Conditions = Pick<AlertMemory, 'level' | 'warn' | 'crit' | 'unknownSinceMs'>;

function readConditions(
  memory: AlertMemory,
  reading: number | null,
  atMs: number,
  mutes: readonly MuteReason[],
  rule: CompiledRule,
): Conditions {
  if (reading !== null) {
    const level = levelOf(rule, reading, memory.level);
    return { ...debounceLevel(memory, level, atMs, rule), level, unknownSinceMs: null };
  }
  const unknownSinceMs = memory.unknownSinceMs ?? atMs;
  // A hub that receives nothing knows nothing of any subject.
  if (rule.noData === 'keep' || mutes.includes('hub_blind')) {
    const { level, warn, crit } = memory;
    return { level, warn: withoutData(warn), crit: withoutData(crit), unknownSinceMs };
  }
  const worst = rule.crit === null ? 'warn' : 'crit';
  const assumed: AlertLevel = rule.noData === 'ok' ? 'ok' : worst;
  // The level is that of values: once they are back, hysteresis must not start at the assumed one.
  const level = rule.noData === 'ok' ? 'ok' : memory.level;
  return { ...debounceLevel(memory, assumed, atMs, rule), level, unknownSinceMs };
}

const debounceLevel = (memory: AlertMemory, level: AlertLevel, atMs: number, rule: CompiledRule) => ({
  warn: rule.warn === null ? null : debounce(memory.warn, level !== 'ok', atMs, rule),
  crit: rule.crit === null ? null : debounce(memory.crit, level === 'crit', atMs, rule),
});

function raisedSeverity({ warn, crit }: Conditions): AlertSeverity | null {
  if (crit?.isRaised) return 'crit';
  return warn?.isRaised ? 'warn' : null;
}

/** Nothing is pending, firing or remembered. */
const isIdle = ({ warn, crit, episode, changesMs, flapping }: AlertMemory): boolean =>
  episode === null &&
  flapping === null &&
  changesMs.length === 0 &&
  warn?.isMet !== true &&
  crit?.isMet !== true &&
  warn?.isRaised !== true &&
  crit?.isRaised !== true;

const isWell = (memory: AlertMemory): boolean =>
  memory.level === 'ok' &&
  memory.unknownSinceMs === null &&
  memory.steadyAfterMs === FIRST_STEADY_MS &&
  isIdle(memory);
