import type { Firing, ShownSchedule } from '@booner/protocol';
import { ageText, timeText, whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { rolloutStatus } from './rollout-texts.ts';

type Styling = Pick<Terminal, 'style'>;

/** Formats whether a schedule fires, and if not, why. */
export function stateText({ schedule, paused }: ShownSchedule, terminal: Styling): string {
  if (paused !== null) return terminal.style('yellow', safeText(paused));
  return schedule.enabled ? 'active' : terminal.style('yellow', 'disabled');
}

/** Formats what became of a firing: `completed`, `failed, took too long`, `quiet hours`. */
export function firingText(firing: Firing, terminal: Styling): string {
  const { endedAtMs, tookTooLong } = firing;
  if (!tookTooLong) return outcomeText(firing, terminal);
  const pace = endedAtMs === null ? 'takes too long' : 'took too long';
  return `${outcomeText(firing, terminal)}, ${terminal.style('yellow', pace)}`;
}

function outcomeText({ outcome, status }: Firing, terminal: Styling): string {
  switch (outcome) {
    case 'started':
      return status === null ? 'started' : rolloutStatus(status, terminal);
    case 'refused':
      return terminal.style('red', 'refused');
    case 'skipped':
    case 'missed':
      return terminal.style('yellow', outcome);
    case 'quiet':
      return terminal.style('dim', 'quiet hours');
    default:
      return outcome satisfies never;
  }
}

/** Formats the last firing: `completed 5 h ago`; empty if there was none. */
export function lastFiringText({ firings: [last] }: ShownSchedule, nowMs: number, terminal: Styling): string {
  return last === undefined ? '' : `${firingText(last, terminal)} ${ageText(last.atMs, nowMs)}`;
}

/**
 * Formats the next times, one a line. They are local, as all times of this program, so the heading
 * names the zone: that of the schedule may differ.
 */
export function nextLines({ nextAtMs }: ShownSchedule, nowMs: number): readonly string[] {
  if (nextAtMs.length === 0) return ['Next times: none'];
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return [
    `Next times (${timeZone}):`,
    ...nextAtMs.map((atMs) => `  ${timeText(atMs)}  ${whenText(atMs, nowMs)}`),
  ];
}

/** Returns what a schedule runs its action on: a selector, or one host. */
export const targetText = ({ schedule: { selector, host } }: ShownSchedule): string =>
  safeText(selector ?? `host=${host}`);
