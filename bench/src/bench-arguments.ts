import { parseArgs } from 'node:util';

const TASK_PARTS = ['tasks-latency', 'tasks-throughput', 'tasks-load'] as const;
const HISTORY_PARTS = ['history-size', 'history-writing', 'history-reading', 'history-dashboard'] as const;
const ALERT_PARTS = ['alerts-evaluation', 'alerts-latency'] as const;
const ROLLOUT_PARTS = ['rollouts-speed', 'rollouts-dashboard'] as const;
const PARTS = [
  'agent',
  'fan-out',
  'ingest',
  ...TASK_PARTS,
  ...ROLLOUT_PARTS,
  ...HISTORY_PARTS,
  ...ALERT_PARTS,
  'outage',
] as const;
export type PartName = (typeof PARTS)[number];

/** Names of several parts. */
const GROUPS = new Map<string, readonly PartName[]>([
  ['all', PARTS],
  ['tasks', TASK_PARTS],
  ['rollouts', ROLLOUT_PARTS],
  ['history', HISTORY_PARTS],
  ['alerts', ALERT_PARTS],
]);

export type BenchArguments = {
  readonly parts: readonly PartName[];
  readonly isShort: boolean;
  /** Output file for the figures. */
  readonly jsonFile: string;
};

export const USAGE = `usage: npm run bench -- [${[...PARTS, ...GROUPS.keys()].join('|')}] [--short] [--json FILE]`;

/** @throws Error with a sentence that says which argument is wrong */
export function parseBenchArguments(argv: readonly string[], resultsFolder: string): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { short: { type: 'boolean', default: false }, json: { type: 'string' } },
    allowPositionals: true,
  });
  const [name = 'all', ...more] = positionals;
  if (more.length > 0) throw new Error(`one part or group, not also ${more.join(' ')}`);
  const parts = GROUPS.get(name) ?? PARTS.filter((part) => part === name);
  if (parts.length === 0) throw new Error(`there is no part "${name}"`);
  return {
    parts,
    isShort: values.short,
    jsonFile: values.json ?? `${resultsFolder}/${name}${values.short ? '-short' : ''}.json`,
  };
}
