import type { TargetStatus, TargetSummary } from '@booner/protocol';
import { bar } from '../terminal/bar.ts';
import { ageText, bytesText, percentText, ratioOf } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { alarmStyle, noteOf, statusMark } from './fleet-texts.ts';

export type TargetCellOptions = {
  /** Clock of the hub. */
  readonly nowMs: number;
  readonly terminal: Pick<Terminal, 'hasUnicode' | 'style'>;
  /** Width of the bars; 0 for percentages alone. */
  readonly barCells: number;
  /** Smallest width of rates, so that a live table does not jitter. */
  readonly rateWidth?: number;
  /** Resources that the target is short of. */
  readonly shortages: readonly string[];
};

/** Returns the table cells of a target by name. Metrics of an inactive target are dimmed. */
export function targetCells(
  target: TargetSummary,
  { nowMs, terminal, barCells, rateWidth = 0, shortages }: TargetCellOptions,
) {
  const { status, temperatureCelsius } = target;
  const level = (ratio: number | null) => {
    const chart = barCells === 0 ? '' : `${bar(ratio, barCells, terminal.hasUnicode)} `;
    const style = status === 'active' ? alarmStyle(ratio) : 'dim';
    return terminal.style(style, `${chart}${percentText(ratio).padStart(5)}`);
  };
  const rate = (bytesPerSecond: number | null) =>
    dimUnlessActive(rateText(bytesPerSecond).padStart(rateWidth), status, terminal);
  return {
    host: safeText(target.host),
    status: statusMark(status, terminal),
    label: safeText(target.label ?? ''),
    cpu: level(target.cpuUsageRatio),
    memory: level(ratioOf(target.memoryUsedBytes, target.memoryTotalBytes)),
    disk: level(target.diskUsageRatio ?? null),
    received: rate(target.receivedBytesPerSecond),
    sent: rate(target.sentBytesPerSecond),
    temperature: dimUnlessActive(
      temperatureCelsius === null ? '' : `${Math.round(temperatureCelsius)} °C`,
      status,
      terminal,
    ),
    seen: ageText(target.lastSeenAtMs, nowMs),
    note: noteCell(target, shortages, terminal),
  };
}

/** Returns what an operator should know about a target: warnings, and what it is short of. */
export function noteCell(
  target: Parameters<typeof noteOf>[0],
  shortages: readonly string[],
  terminal: Pick<Terminal, 'style'>,
): string {
  const parts = [noteOf(target), terminal.style('red', shortages.join(', '))];
  return parts.filter((part) => part !== '').join(', ');
}

/** Dims text about a target that is not active: it may be out of date. */
export const dimUnlessActive = (
  text: string,
  status: TargetStatus,
  terminal: Pick<Terminal, 'style'>,
): string => (status === 'active' ? text : terminal.style('dim', text));

const rateText = (bytesPerSecond: number | null): string =>
  bytesPerSecond === null ? '--' : `${bytesText(bytesPerSecond)}/s`;
