import {
  type AlertSeverity,
  type AlertSubject,
  type HostId,
  MAX_TRIED_EPISODES,
  valueWhenFull,
} from '@booner/protocol';
import { isWorse } from '../machine/alert-level.ts';
import { advance, WELL } from '../machine/alert-machine.ts';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { RuleWindows, type WindowResult } from '../windows/rule-windows.ts';

export type TriedSample = {
  /** Unix milliseconds, ascending. */
  readonly atMs: number;
  /** Value of the rule's metric, or 1 while its state holds, else 0. `null`: unknown. */
  readonly value: number | null;
  /** True if the host was offline, which mutes rules on metrics. */
  readonly isOffline: boolean;
};

/** Data that a rule is tried on. Rules on rollouts and schedules cannot be tried. */
type TriedSubject = AlertSubject & { readonly host: HostId };

/** An episode that a rule would have had. */
export type TriedEpisode = TriedSubject & {
  readonly startedAtMs: number;
  /** `null`: it would still be open at the end. */
  readonly endedAtMs: number | null;
  /** The worst that it reached. */
  readonly severity: AlertSeverity;
  /** Messages that it would have sent, before grouping. */
  readonly messages: number;
};

export type TriedEpisodes = {
  /** Oldest first, at most {@link MAX_TRIED_EPISODES}. */
  readonly episodes: readonly TriedEpisode[];
  /** All of them, and all their messages. */
  readonly episodeCount: number;
  readonly messageCount: number;
};

/** A rule that is tried on one subject. */
export type Trial = {
  observe(sample: TriedSample): void;
  /** Returns the episodes up to now. */
  result(): TriedEpisodes;
};

/**
 * Returns a function that tries a rule on a subject. Runs the same code as live evaluation, so it
 * says what would have happened.
 * @param fromMs episodes that ended before are left out
 */
export function tryRule(rule: CompiledRule, fromMs: number): (subject: TriedSubject) => Trial {
  const readerOf = windowsOf(rule);
  return (subject) => {
    const read = readerOf();
    const ended: TriedEpisode[] = [];
    let open: (TriedEpisode & { readonly id: string }) | null = null;
    let memory = WELL;
    let episodeCount = 0;
    let messageCount = 0;
    const keep = ({ id: _, ...episode }: TriedEpisode & { readonly id: string }) => {
      if (ended.length < MAX_TRIED_EPISODES) ended.push(episode);
      episodeCount += 1;
      messageCount += episode.messages;
    };
    return {
      observe(sample) {
        const reading = read(sample);
        if (reading === 'too_short') return;
        const { atMs, isOffline } = sample;
        const known = reading === 'no_data' ? null : reading;
        const mutes = isOffline && rule.condition.type === 'metric' ? HOST_OFFLINE : [];
        const step = advance(memory, { type: 'observe', atMs, reading: known, mutes }, { rule, subject });
        memory = step.memory;
        for (const { type, episode: id, severity, sinceMs } of step.effects) {
          const before = open?.id === id ? open : null;
          open = {
            ...subject,
            id,
            startedAtMs: sinceMs,
            endedAtMs: type === 'resolve' ? atMs : null,
            severity: before === null || isWorse(severity, before.severity) ? severity : before.severity,
            messages: (before?.messages ?? 0) + 1,
          };
          if (open.endedAtMs === null) continue;
          if (open.endedAtMs >= fromMs) keep(open);
          open = null;
        }
      },
      result() {
        if (open !== null) keep(open);
        open = null;
        return { episodes: ended, episodeCount, messageCount };
      },
    };
  };
}

const HOST_OFFLINE = ['host_offline'] as const;

/** Returns a function that opens a window for one subject. */
function windowsOf({ condition }: CompiledRule): () => (sample: TriedSample) => WindowResult {
  if (condition.type === 'state') {
    return () =>
      ({ value }) =>
        value ?? 'no_data';
  }
  const windows = new RuleWindows(condition.function, condition.overMs, valueWhenFull(condition.metric));
  return () => {
    const slot = windows.open();
    return ({ atMs, value }) => {
      if (value !== null) windows.add(slot, atMs, value);
      return windows.read(slot, atMs);
    };
  };
}
