import { type AlertSeverity, type AlertSubject, valueWhenFull } from '@booner/protocol';
import { isWorse } from '../machine/alert-level.ts';
import { advance, WELL } from '../machine/alert-machine.ts';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { RuleWindows, type WindowResult } from '../windows/rule-windows.ts';

export type TriedSample = {
  /** Unix milliseconds, ascending. */
  readonly atMs: number;
  /** Value of the rule's metric, or 1 while its state holds, else 0. `null`: unknown. */
  readonly value: number | null;
};

/** An episode that a rule would have had. */
export type TriedEpisode = {
  readonly startedAtMs: number;
  /** `null`: it would still be open at the end. */
  readonly endedAtMs: number | null;
  /** The worst that it reached. */
  readonly severity: AlertSeverity;
  /** Messages that it would have sent, before grouping. */
  readonly messages: number;
};

/**
 * Returns the episodes that a rule would have had with stored samples of one subject, oldest first.
 * Runs the same code as live evaluation, so it says what would have happened.
 */
export function tryRule(
  rule: CompiledRule,
  subject: AlertSubject,
  samples: Iterable<TriedSample>,
): readonly TriedEpisode[] {
  const read = readerOf(rule);
  const episodes = new Map<string, TriedEpisode>();
  let memory = WELL;
  for (const sample of samples) {
    const reading = read(sample);
    if (reading === 'too_short') continue;
    const { atMs } = sample;
    const known = reading === 'no_data' ? null : reading;
    const step = advance(memory, { type: 'observe', atMs, reading: known, mutes: [] }, { rule, subject });
    memory = step.memory;
    for (const { type, episode, severity, sinceMs } of step.effects) {
      const before = episodes.get(episode);
      episodes.set(episode, {
        startedAtMs: sinceMs,
        endedAtMs: type === 'resolve' ? atMs : null,
        severity: isWorse(severity, before?.severity ?? null) ? severity : before!.severity,
        messages: (before?.messages ?? 0) + 1,
      });
    }
  }
  return [...episodes.values()];
}

function readerOf({ condition }: CompiledRule): (sample: TriedSample) => WindowResult {
  if (condition.type === 'state') return ({ value }) => value ?? 'no_data';
  const windows = new RuleWindows(condition.function, condition.overMs, valueWhenFull(condition.metric));
  const slot = windows.open();
  return ({ atMs, value }) => {
    if (value !== null) windows.add(slot, atMs, value);
    return windows.read(slot, atMs);
  };
}
