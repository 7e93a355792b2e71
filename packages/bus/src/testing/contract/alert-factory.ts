import { type Notification, notificationSchema } from '@booner/protocol';
import type { NewOutboxEntry } from '../../outbox-ports.ts';
import { HOST } from './sample-factory.ts';

/** A notification as the groups of a hub make it, with texts that Lua or JSON could change. */
export const makeNotification = (given: Partial<Notification> = {}): Notification =>
  notificationSchema.parse({
    id: 'n-1',
    episode: 'e-1',
    kind: 'firing',
    rule: 'disk-full',
    severity: 'crit',
    status: 'firing',
    at: '2026-11-30T14:05:00.000Z',
    targets: [
      {
        host: HOST,
        name: 'Größe "a" \\ b',
        labels: {},
        value: 0.1 + 0.2,
        valueText: '93 %',
        since: '2026-11-30T14:02:00.000Z',
        sparkline: '▂▃▅▇',
      },
    ],
    targetCount: 1,
    title: 'Disk usage on db-1 ","notification":{"id":"x"}}',
    text: 'The disk /var is filling up.',
    threshold: 'over 90 %',
    url: 'https://hub.example.org/targets/10.0.0.2',
    acknowledgeUrl: null,
    runbook: null,
    ...given,
  });

/** Notifications `n-1`, `n-2` … for one channel. */
export const makeEntries = (count: number, channel = 'ops'): NewOutboxEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    channel,
    notification: makeNotification({ id: `n-${index + 1}` }),
  }));
