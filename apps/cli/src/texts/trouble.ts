import type { Target, TargetStatus, TargetSummary } from '@booner/protocol';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import { severityOf } from '@booner/protocol/severity';
import { rootFileSystem } from '@booner/protocol/status-texts';
import { percentText, ratioOf } from '../terminal/figures.ts';

/** Used shares of the resources that a target can be short of. `null` if unknown. */
export type Usage = {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly disk: number | null;
};

const NAMES = { cpu: 'CPU', memory: 'RAM', disk: 'disk' } as const satisfies Record<keyof Usage, string>;

/** Returns what a target is short of, such as `disk 93 %`. Empty unless it is active. */
export type ShortagesOf = (target: TargetSummary) => readonly string[];

export const usageOf = (target: TargetSummary): Usage => ({
  cpu: target.cpuUsageRatio,
  memory: ratioOf(target.memoryUsedBytes, target.memoryTotalBytes),
  disk: target.diskUsageRatio ?? null,
});

const isShort = (ratio: number | null): boolean => severityOf(ratio) === 'bad';

/** Returns the resources that are short, with their used shares. */
export const shortagesIn = (
  usage: Usage,
  isShortOf: (ratio: number | null) => boolean = isShort,
): readonly string[] =>
  (Object.keys(NAMES) as (keyof Usage)[])
    .filter((name) => isShortOf(usage[name]))
    .map((name) => `${NAMES[name]} ${percentText(usage[name])}`);

/** Returns what a target is short of in its last sample. */
export const shortagesNow: ShortagesOf = (target) =>
  target.status === 'active' ? shortagesIn(usageOf(target)) : [];

/** Does the same for a target of `GET /targets`, which has a sample also while it is silent. */
export function shortagesOfTarget({ status, sample }: Target): readonly string[] {
  if (status !== 'active' || sample === null) return [];
  const { cpu, memory } = sample;
  return shortagesIn({
    cpu: cpu?.usageRatio ?? null,
    memory: ratioOf(memory?.usedBytes ?? null, memory?.totalBytes ?? null),
    disk: diskUsageRatio(rootFileSystem(sample)),
  });
}

/** A status, or `trouble`: offline, or short of CPU, memory or disk. */
export const STATUS_FILTERS = ['trouble', 'active', 'offline', 'pending'] as const;
export type StatusFilter = (typeof STATUS_FILTERS)[number];

/** Returns true if a target passes the filter. `undefined` lets all pass. */
export function hasStatus(
  filter: StatusFilter | undefined,
  status: TargetStatus,
  shortages: readonly string[],
): boolean {
  if (filter === undefined) return true;
  return filter === 'trouble' ? status === 'offline' || shortages.length > 0 : status === filter;
}
