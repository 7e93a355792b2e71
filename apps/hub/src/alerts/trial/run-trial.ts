import type { Retention } from '@booner/history';
import { type AlertRule, type HostId, MAX_TRIED_EPISODES, type RuleTrial } from '@booner/protocol';
import type { HistoryReader } from '../../history/history-reader.ts';
import { compileRule } from '../rules/compile-rule.ts';
import { startTrialThread } from './start-trial-thread.ts';
import type { TriedHost } from './trial-messages.ts';
import { trialMetrics } from './trial-metrics.ts';
import { pagesOf, planTrial } from './trial-pages.ts';

/** Hosts that a rule is tried on. */
const MAX_HOSTS = 50;
/** No further host is begun after this time. */
const MAX_WORK_MS = 20_000;

export type TrialOptions = {
  readonly rule: AlertRule;
  /** Hosts that the rule selects. */
  readonly hosts: readonly HostId[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly reader: Pick<HistoryReader, 'query'>;
  /** How long each resolution of the history is kept. */
  readonly retention: Retention;
};

/**
 * Tries a rule on the history of hosts. Reads one page of one host at a time.
 * @throws HistoryError if the history cannot be read; the reason of the signal once it aborts
 */
export async function runTrial(
  { rule, hosts, fromMs, toMs, reader, retention }: TrialOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<RuleTrial> {
  const compiled = compileRule(rule);
  const plan = planTrial(compiled, { fromMs, toMs, retention });
  const metrics = trialMetrics(compiled);
  const results: TriedHost[] = [];
  let longestStepMs: number | null = null;
  const startedAtMs = performance.now();
  if (hosts.length > 0) {
    await using thread = startTrialThread({ rule, fromMs }, { signal });
    for (const host of hosts.slice(0, MAX_HOSTS)) {
      if (performance.now() - startedAtMs >= MAX_WORK_MS) break;
      const pages = pagesOf(plan, (range) => reader.query({ host, shownAs: host, metrics, ...range }));
      for await (const page of pages) {
        const { stepMs } = await thread.take(host, page);
        if (stepMs !== null) longestStepMs = Math.max(stepMs, longestStepMs ?? 0);
      }
      results.push(await thread.end(host));
    }
  }
  const sum = (count: (result: TriedHost) => number) => results.reduce((total, one) => total + count(one), 0);
  return {
    fromMs,
    toMs,
    stepMs: longestStepMs,
    selected: hosts.length,
    tried: results.length,
    episodes: results
      .flatMap(({ episodes }) => episodes)
      .sort((a, b) => a.startedAtMs - b.startedAtMs)
      .slice(0, MAX_TRIED_EPISODES),
    episodeCount: sum(({ episodeCount }) => episodeCount),
    messageCount: sum(({ messageCount }) => messageCount),
  };
}
