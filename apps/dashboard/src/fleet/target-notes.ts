import type { TargetSummary } from '@booner/protocol';
import { severityOf } from '@booner/protocol/severity';
import { formatPercent } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import { minuteCpuOf } from './cpu-minute.ts';
import { figuresOf } from './target-figures.ts';

/** A problem of a target that needs attention. */
export type TargetNote = {
  /** Two or three words. */
  readonly words: string;
  /** The full sentence. */
  readonly detail: string;
  readonly severity: 'warn' | 'bad';
};

/** Returns the problems of a target, worst first. Being offline is a status, not a note. */
export function notesOf(target: TargetSummary): readonly TargetNote[] {
  const { memoryRatio, diskRatio } = figuresOf(target);
  const cpuRatio = minuteCpuOf(target);
  const notes: TargetNote[] = [];
  if (target.quarantine != null) {
    notes.push({ words: 'Quarantined', detail: `Quarantined: ${target.quarantine.reason}`, severity: 'bad' });
  }
  if (severityOf(diskRatio) === 'bad') {
    const detail = 'The file system of / is almost full';
    notes.push({ words: `Disk ${formatPercent(diskRatio)}`, detail, severity: 'bad' });
  }
  if (severityOf(memoryRatio) === 'bad') {
    const detail = 'Almost no memory is left';
    notes.push({ words: `Memory ${formatPercent(memoryRatio)}`, detail, severity: 'bad' });
  }
  if (severityOf(cpuRatio) === 'bad') {
    const words = `CPU ${formatPercent(cpuRatio)}`;
    notes.push({ words, detail: `${words} in the last minute`, severity: 'bad' });
  }
  const { conflictingInstances, clockSkewMs, status } = target;
  if (conflictingInstances !== null && conflictingInstances.length > 1) {
    notes.push({
      words: `${conflictingInstances.length} agents`,
      detail: `${conflictingInstances.length} agents report as this host. Give each its own BOONER_HOST_ID`,
      severity: 'warn',
    });
  }
  if (clockSkewMs !== null) {
    const direction = clockSkewMs > 0 ? 'ahead' : 'behind';
    const much = formatDuration(Math.abs(clockSkewMs));
    notes.push({
      words: `Clock ${much} ${direction}`,
      detail: `The clock of this host is ${much} ${direction} of the hub's`,
      severity: 'warn',
    });
  }
  if (status === 'pending') {
    notes.push({
      words: 'No data yet',
      detail: 'The host is registered, but its agent has not reported yet',
      severity: 'warn',
    });
  }
  return notes;
}
