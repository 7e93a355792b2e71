import type { Inventory, Sample, ShownIdentity } from '@booner/protocol';
import { OLD_SECRET_MS } from '@booner/protocol/limits';
import {
  formatBytes,
  formatCount,
  formatLoad,
  formatPercent,
  formatUsedOf,
  UNKNOWN,
} from '../format/numbers.ts';
import { formatDateTime, formatDuration, formatUptime } from '../format/times.ts';
import type { Fact } from './fact-list.tsx';

const OLD = ', older than 90 days: replace them with `booner target rotate`';

type Text = readonly [name: string, value: string | null | undefined];

/** Facts in order. Those that a host does not have are omitted. */
const facts = (texts: readonly Text[]): readonly Fact[] =>
  texts.flatMap(([name, value]) => (value === null || value === undefined ? [] : [{ name, value }]));

/** Returns facts that rarely change. */
export function inventoryFacts(
  inventory: Inventory,
  firstSeenAtMs: number | null,
  identity: ShownIdentity['identity'],
  nowMs: number,
): readonly Fact[] {
  const { cpu, os, gpus } = inventory;
  return facts([
    ['Host name', inventory.hostname ?? UNKNOWN],
    ['CPU', cpu?.model ?? UNKNOWN],
    ['Cores', cpu === null ? UNKNOWN : coresText(cpu)],
    ['Memory', formatBytes(inventory.memoryTotalBytes)],
    ...gpus.map(({ name, memoryTotalBytes }, index): Text => {
      const size = memoryTotalBytes === null ? '' : `, ${formatBytes(memoryTotalBytes)}`;
      return [gpus.length === 1 ? 'GPU' : `GPU ${index}`, `${name}${size}`];
    }),
    ['System', os.name ?? os.platform],
    ['Kernel', os.kernel === null ? UNKNOWN : `${os.kernel} (${os.architecture})`],
    ['Virtualization', inventory.virtualization],
    ['Agent', inventory.agentVersion],
    ['First seen', firstSeenAtMs === null ? null : formatDateTime(firstSeenAtMs)],
    ['Enrolled', identity && enrolledText(identity)],
    ['Redis passwords', identity && passwordsText(identity, nowMs)],
  ]);
}

function enrolledText({ enrolledAtMs, enrolledBy, isReplacement }: NonNullable<ShownIdentity['identity']>) {
  const by = enrolledBy === null ? '' : ` by ${enrolledBy}`;
  return `${formatDateTime(enrolledAtMs)}${by}${isReplacement ? ', replacing an earlier identity' : ''}`;
}

/** Hubs before 0.2 do not say since when the passwords are valid. */
function passwordsText(
  { passwordsSinceMs }: Partial<NonNullable<ShownIdentity['identity']>>,
  nowMs: number,
): string | null {
  if (passwordsSinceMs === undefined) return null;
  const isOld = nowMs - passwordsSinceMs >= OLD_SECRET_MS;
  return `since ${formatDateTime(passwordsSinceMs)}${isOld ? OLD : ''}`;
}

function coresText({ physicalCores, logicalCores, clockGigahertz }: NonNullable<Inventory['cpu']>): string {
  const cores =
    physicalCores === null || physicalCores === logicalCores
      ? formatCount(logicalCores)
      : `${formatCount(physicalCores)}, ${formatCount(logicalCores)} threads`;
  return clockGigahertz === null ? cores : `${cores}, ${formatLoad(clockGigahertz)} GHz`;
}

/** Returns the details behind the main metrics of a sample. */
export function sampleFacts(sample: Sample): readonly Fact[] {
  const { cpu, loadAverage, memory, swap, processes, cgroup } = sample;
  return facts([
    ['Up for', formatUptime(sample.uptimeSeconds)],
    [
      'CPU',
      cpu &&
        `${formatPercent(cpu.userRatio)} user, ${formatPercent(cpu.systemRatio)} system, ${formatPercent(cpu.iowaitRatio)} waiting for I/O, ${formatPercent(cpu.stealRatio)} stolen`,
    ],
    [
      'Load',
      loadAverage &&
        `${formatLoad(loadAverage.last1Minute)}, ${formatLoad(loadAverage.last5Minutes)}, ${formatLoad(loadAverage.last15Minutes)} in 1, 5 and 15 minutes`,
    ],
    [
      'Memory',
      memory && `${formatBytes(memory.availableBytes)} available of ${formatBytes(memory.totalBytes)}`,
    ],
    [
      'Caches',
      memory && `${formatBytes(memory.cachedBytes)} files, ${formatBytes(memory.buffersBytes)} buffers`,
    ],
    ['Swap', swap && (swap.totalBytes === 0 ? 'none' : formatUsedOf(swap.usedBytes, swap.totalBytes))],
    [
      'Processes',
      processes &&
        `${formatCount(processes.total)}; threads: ${formatCount(processes.running)} running, ${formatCount(processes.blocked)} blocked`,
    ],
    ['Container', cgroup && containerText(cgroup)],
    ['Sampled', `every ${formatDuration(sample.intervalMs, { withTenths: sample.intervalMs % 1000 !== 0 })}`],
  ]);
}

function containerText(cgroup: NonNullable<Sample['cgroup']>): string {
  const { cpuLimitCores, memoryLimitBytes, memoryUsedBytes, processLimit } = cgroup;
  const limits = [
    cpuLimitCores === null ? 'no CPU limit' : `${formatLoad(cpuLimitCores)} cores`,
    memoryLimitBytes === null
      ? 'no memory limit'
      : `${formatUsedOf(memoryUsedBytes, memoryLimitBytes)} memory`,
    processLimit === null ? 'no process limit' : `at most ${formatCount(processLimit)} processes`,
  ];
  return limits.join(', ');
}
