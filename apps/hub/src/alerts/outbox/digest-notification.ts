import { createHash } from 'node:crypto';
import type { HeldItems, OutboxItem } from '@booner/bus';
import { type Notification, notificationSchema } from '@booner/protocol';

/** Titles that a digest lists. The others are counted. */
const MAX_LISTED = 50;
const PREFIX = 'digest-';

/** Returns true for a notification that stands for others. It is never held back itself. */
export const isDigest = ({ id }: Pick<Notification, 'id'>): boolean => id.startsWith(PREFIX);

export type DigestOptions = {
  /** URL of the hub, with a slash at its end. */
  readonly hubUrl: string;
  readonly at: Date;
};

/**
 * Returns one notification that stands for those that a channel holds back, oldest first. The same
 * items give the same id. One that is alone is sent as it is, under a new id.
 * @param items at least one
 */
export function digestNotification(
  { items, dropped }: HeldItems,
  { hubUrl, at }: DigestOptions,
): Notification {
  const notifications = items.map(({ notification }) => notification);
  const [first] = notifications;
  const id = digestId(items);
  if (first !== undefined && items.length === 1 && dropped === 0) return { ...first, id };
  const count = items.length + dropped;
  const listed = notifications.slice(0, MAX_LISTED).map((each) => `• ${stateOf(each)}: ${each.title}`);
  const more = count - listed.length;
  const hosts = new Set(notifications.flatMap(({ targets }) => targets.map(({ host }) => host)));
  return notificationSchema.parse({
    id,
    episode: id,
    kind: 'summary',
    rule: [...new Set(notifications.map(({ rule }) => rule))].join(', '),
    severity: notifications.some(({ severity }) => severity === 'crit') ? 'crit' : 'warn',
    status: isOver(notifications) ? 'resolved' : 'firing',
    at: at.toISOString(),
    targets: [],
    targetCount: 0,
    title: `${count} notifications${hosts.size === 0 ? '' : ` on ${hosts.size} ${hosts.size === 1 ? 'target' : 'targets'}`}`,
    text: [...listed, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n'),
    threshold: null,
    url: `${hubUrl}dashboard/alerts`,
    acknowledgeUrl: null,
    runbook: null,
  } satisfies Notification);
}

const digestId = (items: readonly OutboxItem[]): string =>
  PREFIX +
  createHash('sha256')
    .update(items.map(({ id }) => id).join('\n'))
    .digest('base64url');

const stateOf = ({ status, severity }: Notification): string => (status === 'resolved' ? status : severity);

/** True if the last that was said of each episode is that it is over. */
function isOver(notifications: readonly Notification[]): boolean {
  const last = new Map(notifications.map(({ episode, status }) => [episode, status]));
  return [...last.values()].every((status) => status === 'resolved');
}
