import type { AlertChange } from '@booner/client';
import type { Alert, AlertSeverity, AlertSubject, MuteReason } from '@booner/protocol';
import { ageText, durationText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';

const STYLES = { warn: 'yellow', crit: 'red' } as const satisfies Record<AlertSeverity, string>;

export const severityText = (severity: AlertSeverity, terminal: Pick<Terminal, 'style'>): string =>
  terminal.style(STYLES[severity], severity);

/** Formats what an alert is about: `10.0.0.2 /srv`, or a rollout or schedule. */
export const subjectText = ({ host, device }: Pick<AlertSubject, 'host' | 'device'>): string =>
  safeText([host, device].filter((part) => part !== null).join(' '));

/** Formats the reading and its threshold, `93 %, over 90 %`; for a state, what is wrong. */
export function readingText({ title, valueText, threshold }: Alert): string {
  if (threshold === null) return safeText(title);
  return safeText(valueText === '' ? threshold : `${valueText}, ${threshold}`);
}

/** Formats how long an alert has been open, or was. */
export const openText = ({ startedAtMs, endedAtMs }: Alert, nowMs: number): string =>
  durationText(((endedAtMs ?? nowMs) - startedAtMs) / 1000);

const MUTES: Readonly<Record<MuteReason, string>> = {
  host_offline: 'its host is offline',
  parent_offline: 'what it depends on is offline',
  silence: 'silenced',
  quiet_hours: 'quiet hours',
  hub_blind: 'the hub receives nothing',
};

/** Formats why nothing is said about an alert. */
const mutesText = ({ mutes }: Pick<Alert, 'mutes'>): string =>
  mutes.map((mute) => MUTES[mute] ?? mute).join(', ');

/** Formats the status unless it is plain, who looks after an alert, and what mutes it. */
export function noteText(alert: Alert, nowMs: number): string {
  const { acknowledged, status } = alert;
  return [
    status === 'firing' || status === 'resolved' ? '' : status,
    acknowledged === null
      ? ''
      : `acknowledged by ${safeText(acknowledged.by)} ${ageText(acknowledged.atMs, nowMs)}`,
    alert.mutes.length === 0 ? '' : `muted: ${mutesText(alert)}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** Describes a change of an alert in a few words; `null` if it is not worth a line. */
export function changeText({ alert, previous }: AlertChange): string | null {
  if (alert === null) return 'ended';
  if (previous === null) return alert.status;
  if (alert.status === 'resolved') return `resolved after ${openText(alert, 0)}`;
  if (alert.severity !== previous.severity) return alert.severity === 'crit' ? 'worsened' : 'improved';
  if (alert.acknowledged?.atMs !== previous.acknowledged?.atMs && alert.acknowledged !== null) {
    return `acknowledged by ${safeText(alert.acknowledged.by)}`;
  }
  if (alert.status !== previous.status) return alert.status;
  if (mutesText(alert) === mutesText(previous)) return null;
  return alert.mutes.length === 0 ? 'no longer muted' : `muted: ${mutesText(alert)}`;
}

/** Returns when a change happened. `null`: the alert does not say. */
export function changedAtMs({ alert, previous }: AlertChange): number | null {
  if (alert === null) return null;
  if (alert.endedAtMs !== null) return alert.endedAtMs;
  if (previous === null) return alert.startedAtMs;
  const { acknowledged } = alert;
  return acknowledged !== null && previous.acknowledged === null ? acknowledged.atMs : null;
}
