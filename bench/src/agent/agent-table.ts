import { atMost, type Goal, type PartResult } from '../part-result.ts';
import { formatCoreShare, formatMebibytes } from '../quantities.ts';

export type AgentFigures = {
  readonly name: 'agent' | 'bare Node.js' | 'node_exporter';
  /** Mean share of one core, children included. */
  readonly cpuRatio: number;
  /** The maximum while measuring. */
  readonly rssBytes: number;
  readonly anonymousBytes: number;
  /** Samples published or scrapes answered meanwhile. `null` for a process that does nothing. */
  readonly samples: number | null;
  readonly measuredMs: number;
};

const CPU_LIMIT_RATIO = 0.0015;
const RSS_LIMIT_BYTES = 60 * 2 ** 20;
const ANONYMOUS_LIMIT_BYTES = 25e6;

/** Tolerates one sample cut off by the period, and scrapes that a busy machine delays. */
const MISSING_MAX = { samples: 1, share: 0.1 };

const formatMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

export function presentAgents(
  figures: readonly AgentFigures[],
  intervals: number,
  notes: readonly string[],
): PartResult {
  return {
    title: 'Agent: a daemon that samples this host every 3 s',
    head: ['process', 'CPU of a core', 'RSS', 'anonymous', 'samples'],
    rows: figures.map((one) => [
      one.name,
      formatCoreShare(one.cpuRatio),
      formatMebibytes(one.rssBytes),
      formatMegabytes(one.anonymousBytes),
      one.samples === null ? '-' : String(one.samples),
    ]),
    goals: checkGoals(figures),
    notes: [
      'CPU is the mean and memory the maximum of the same period for all, start-up excluded.',
      ...notes,
    ],
    failures: figures.flatMap(({ name, samples }) =>
      samples !== null && intervals - samples > Math.max(MISSING_MAX.samples, intervals * MISSING_MAX.share)
        ? [`${name} gave ${samples} samples in ${intervals} intervals`]
        : [],
    ),
    figures,
  };
}

function checkGoals(figures: readonly AgentFigures[]): Goal[] {
  const agent = figures.find(({ name }) => name === 'agent');
  const exporter = figures.find(({ name }) => name === 'node_exporter');
  if (!agent) return [];
  return [
    atMost('CPU of the agent', agent.cpuRatio, CPU_LIMIT_RATIO, formatCoreShare),
    atMost('RSS of the agent', agent.rssBytes, RSS_LIMIT_BYTES, formatMebibytes),
    atMost('anonymous memory of the agent', agent.anonymousBytes, ANONYMOUS_LIMIT_BYTES, formatMegabytes),
    ...(exporter
      ? [atMost('CPU of the agent, beside node_exporter', agent.cpuRatio, exporter.cpuRatio, formatCoreShare)]
      : []),
  ];
}
