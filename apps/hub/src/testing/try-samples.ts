import type { AlertSubject, HostId } from '@booner/protocol';
import type { CompiledRule } from '../alerts/rules/compile-rule.ts';
import { type TriedEpisode, type TriedSample, tryRule } from '../alerts/trial/try-rule.ts';

/** For tests: returns the episodes of a rule on samples of one subject that is always online. */
export function trySamples(
  rule: CompiledRule,
  subject: AlertSubject & { readonly host: HostId },
  samples: readonly Omit<TriedSample, 'isOffline'>[],
): readonly TriedEpisode[] {
  const trial = tryRule(rule, 0)(subject);
  for (const sample of samples) trial.observe({ ...sample, isOffline: false });
  return trial.result().episodes;
}
