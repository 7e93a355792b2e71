import type { Notification } from '@booner/protocol';
import { type FitOptions, fitText } from './fit-text.ts';

/** Targets that a message lists. The others are counted. */
const MAX_LISTED = 10;
/** Names and values in a line. They have a few words, unless somebody wants to fill a message. */
const MAX_PART_CHARACTERS = 80;
const MINUTE_MS = 60_000;

type MessageLink = { readonly text: string; readonly url: string };

/** A notification in words, as all channels that people read show it. */
export type Message = {
  /** The title with the state in front: `[crit] Disk usage on db-1`. */
  readonly headline: string;
  /** A line for each target, then what happened. A message that is cut keeps the targets. */
  readonly body: string;
  /** The dashboard first. */
  readonly links: readonly MessageLink[];
};

type Target = Notification['targets'][number];

/** Returns the message of a notification. It is plain text: channels escape it. */
export function messageOf(notification: Notification): Message {
  const { targets, targetCount, text, title, url, acknowledgeUrl, runbook } = notification;
  const listed = targets.slice(0, MAX_LISTED).map((target) => targetLine(target, notification));
  const more = targetCount - listed.length;
  return {
    headline: `[${stateOf(notification)}] ${title}`,
    body: [...listed, ...(more > 0 ? [`… and ${more} more`] : []), text]
      .filter((line) => line !== '')
      .join('\n'),
    links: [
      { text: 'Open in Booner', url },
      ...(acknowledgeUrl === null ? [] : [{ text: 'Acknowledge', url: acknowledgeUrl }]),
      ...(runbook === null ? [] : [{ text: 'Runbook', url: runbook }]),
    ],
  };
}

/**
 * Returns body and links as plain text of at most `max`. The links survive: only the body is cut.
 * Links that would leave less than half of it to the body are left out, the last one first.
 */
export function plainText({ body, links }: Message, max: number, options: FitOptions = {}): string {
  const { escapeWith = (character) => character, size = ({ length }) => length } = options;
  const kept = [...links];
  const tail = () =>
    Array.from(kept.map(({ text, url }) => `\n${text}: ${url}`).join(''), escapeWith).join('');
  while (size(tail()) > max / 2) kept.pop();
  const end = kept.length === 0 ? '' : `\n${tail()}`;
  return `${fitText(body, max - size(end), options)}${end}`;
}

function stateOf({ kind, severity }: Notification): string {
  switch (kind) {
    case 'firing':
      return severity;
    case 'reminder':
      return `${severity}, still firing`;
    case 'resolved':
    case 'flapping':
    case 'summary':
      return kind;
    default:
      return kind satisfies never;
  }
}

/** `• db-1 (10.0.0.2): 93 % (over 90 %), since 2026-11-30 14:02 UTC ▂▃▅▇` */
function targetLine(target: Target, { status, threshold, at }: Notification): string {
  const [name, value] = [target.name, target.valueText].map((text) => fitText(text, MAX_PART_CHARACTERS));
  const where = target.host === null || target.host === name ? name : `${name} (${target.host})`;
  const chart = target.sparkline === null ? '' : ` ${target.sparkline}`;
  if (status === 'resolved') {
    return `• ${where}: ${value}, after ${durationText(Date.parse(at) - Date.parse(target.since))}${chart}`;
  }
  const limit = threshold === null ? '' : ` (${fitText(threshold, MAX_PART_CHARACTERS)})`;
  return `• ${where}: ${value}${limit}, since ${timeText(target.since)}${chart}`;
}

/** `2026-11-30 14:02 UTC`. Receivers are in several time zones, so it names one. */
const timeText = (time: string): string =>
  `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** `2 d 3 h`, `3 h 5 min`, `5 min`, `less than a minute`. */
function durationText(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  if (minutes < 1) return 'less than a minute';
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  const rest = minutes % 60;
  if (hours > 0) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  return `${rest} min`;
}
