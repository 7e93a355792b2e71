import type { MainServer, StatusSnapshot, TargetStatus, TargetSummary } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import { severityOf } from '@booner/protocol/severity';
import { rootFileSystem } from '@booner/protocol/status-texts';
import { bar } from '../terminal/bar.ts';
import { bytesText, durationText, percentText, ratioOf } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { ShortagesOf } from './trouble.ts';

const MARKS = { active: ['●', '*'], offline: ['✕', 'x'], pending: ['○', 'o'] } as const;
const STYLES = { active: 'green', offline: 'red', pending: 'yellow' } as const;

/** Sorts targets: offline, short of a resource, pending, all others; then by host. */
export function worstFirst(
  targets: readonly TargetSummary[],
  shortagesOf: ShortagesOf,
): readonly TargetSummary[] {
  const rankOf = (target: TargetSummary): number => {
    if (target.status === 'offline') return 0;
    if (shortagesOf(target).length > 0) return 1;
    return target.status === 'pending' ? 2 : 3;
  };
  const ranks = new Map(targets.map((target) => [target.host, rankOf(target)]));
  const rank = ({ host }: TargetSummary) => ranks.get(host) ?? 3;
  return targets.toSorted((a, b) => rank(a) - rank(b) || compareHosts(a.host, b.host));
}

/** Renders a status as a shape and a word, so that it never depends on color alone. */
export function statusMark(status: TargetStatus, terminal: Pick<Terminal, 'hasUnicode' | 'style'>): string {
  const [unicode, ascii] = MARKS[status];
  return terminal.style(STYLES[status], `${terminal.hasUnicode ? unicode : ascii} ${status}`);
}

const ALARM_STYLES = { normal: 'reset', warn: 'yellow', bad: 'red' } as const;

/** Returns yellow from 80 %, red from 90 %. */
export const alarmStyle = (ratio: number | null): 'red' | 'yellow' | 'dim' | 'reset' =>
  ratio === null ? 'dim' : ALARM_STYLES[severityOf(ratio)];

/** Renders the counts: `42 targets · 40 active (3 in trouble) · 2 offline`. */
export function fleetLine(
  targets: readonly TargetSummary[],
  terminal: Pick<Terminal, 'hasUnicode' | 'style'>,
  shortagesOf: ShortagesOf,
): string {
  const short = targets.filter((target) => shortagesOf(target).length > 0).length;
  const inTrouble = short === 0 ? '' : ` (${terminal.style('red', `${short} in trouble`)})`;
  const count = (status: TargetStatus) => targets.filter((target) => target.status === status).length;
  const parts = [`${targets.length} ${targets.length === 1 ? 'target' : 'targets'}`];
  for (const status of ['active', 'offline', 'pending'] as const) {
    const number = count(status);
    if (number > 0 || status === 'active') {
      const text = `${number} ${status}`;
      parts.push(status === 'active' ? `${text}${inTrouble}` : terminal.style(STYLES[status], text));
    }
  }
  return parts.join(terminal.hasUnicode ? ' · ' : ', ');
}

/** Warns that what is shown may be out of date. */
export function busLine({ bus }: Pick<StatusSnapshot, 'bus'>, terminal: Pick<Terminal, 'style'>): string {
  const state = bus === 'connecting' ? 'is not connected to Redis yet' : 'cannot reach Redis';
  return terminal.style(
    'red',
    `The hub ${state}, so it receives nothing from agents. Run \`booner doctor\` to find out why.`,
  );
}

/** Renders the hub's own machine: a title, its metrics, and a line per GPU. */
export function mainServerLines({ inventory, measurements }: MainServer, terminal: Terminal): string[] {
  const dot = terminal.hasUnicode ? ' · ' : ', ';
  const uptime = measurements?.uptimeSeconds ?? null;
  const title = [
    terminal.style('bold', safeText(inventory?.hostname ?? 'main server')),
    safeText(inventory?.cpu?.model ?? ''),
    uptime === null ? '' : `up ${durationText(uptime)}`,
  ].filter((part) => part !== '');
  const root = rootFileSystem(measurements);
  const memory = measurements?.memory ?? null;
  const figures = [
    figure('CPU', measurements?.cpu?.usageRatio ?? null, '', terminal),
    figure(
      'RAM',
      ratioOf(memory?.usedBytes ?? null, memory?.totalBytes ?? null),
      ofTotal(memory?.usedBytes, memory?.totalBytes),
      terminal,
    ),
    figure(
      'Disk',
      diskUsageRatio(root),
      root?.availableBytes == null
        ? ofTotal(root?.usedBytes, root?.totalBytes)
        : `${bytesText(root.availableBytes)} available`,
      terminal,
    ),
  ];
  const gpus = (measurements?.gpus ?? []).map(({ name, usageRatio, memoryUsedBytes, memoryTotalBytes }) =>
    figure(`GPU ${safeText(name)}`, usageRatio, ofTotal(memoryUsedBytes, memoryTotalBytes), terminal),
  );
  return [title.join(dot), figures.join('   '), ...gpus];
}

function figure(name: string, ratio: number | null, detail: string, terminal: Terminal): string {
  const level = terminal.style(
    alarmStyle(ratio),
    `${bar(ratio, 8, terminal.hasUnicode)} ${percentText(ratio)}`,
  );
  return `${name} ${level}${detail === '' ? '' : ` ${detail}`}`;
}

const ofTotal = (used: number | null | undefined, total: number | null | undefined): string =>
  used == null || total == null ? '' : `${bytesText(used)}/${bytesText(total)}`;

/** Returns warnings about a target, such as a clock that is wrong. */
export function noteOf({
  conflictingInstances,
  clockSkewMs,
  quarantine,
}: Pick<TargetSummary, 'conflictingInstances' | 'clockSkewMs' | 'quarantine'>): string {
  const notes: string[] = [];
  if (quarantine != null) notes.push('quarantined');
  if (conflictingInstances !== null) notes.push(`${conflictingInstances.length} agents claim this host`);
  if (clockSkewMs !== null)
    notes.push(
      `clock ${clockSkewMs > 0 ? 'ahead' : 'behind'} by ${Math.round(Math.abs(clockSkewMs) / 1000)} s`,
    );
  return notes.join(', ');
}
