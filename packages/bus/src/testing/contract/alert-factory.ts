import {
  type AlertMemory,
  type EndedEpisode,
  type GroupInput,
  type GroupMemory,
  type Notification,
  notificationSchema,
  type StoredAlert,
} from '@booner/protocol';
import type { AlertChange } from '../../alert-ports.ts';
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

const MEMORY: AlertMemory = {
  level: 'crit',
  warn: null,
  crit: { isMet: true, sinceMs: 1_750_000_000_000, isRaised: true },
  unknownSinceMs: null,
  episode: null,
  changesMs: [],
  steadyAfterMs: 300_000,
  flapping: null,
  mutes: [],
};

export const makeAlert = (given: Partial<StoredAlert> = {}): StoredAlert => ({
  rule: 'disk-full',
  host: HOST,
  device: '/srv/Größe "a"',
  memory: MEMORY,
  reading: 0.1 + 0.2,
  changedAtMs: 1_750_000_000_000,
  ...given,
});

export const makeEpisode = (given: Partial<EndedEpisode> = {}): EndedEpisode => ({
  id: 'e-1',
  rule: 'disk-full',
  host: HOST,
  device: null,
  severity: 'crit',
  startedAtMs: 1_750_000_000_000,
  endedAtMs: 1_750_000_060_000,
  acknowledged: null,
  notifiedAtMs: null,
  ...given,
});

export const makeInput = (given: Partial<GroupInput> = {}): GroupInput => ({
  group: 'disk-full',
  use: 'collect',
  effect: {
    type: 'open',
    rule: 'disk-full',
    host: HOST,
    device: null,
    episode: 'e-1',
    severity: 'crit',
    atMs: 1_750_000_000_000,
    sinceMs: 1_750_000_000_000,
    reading: 0.95,
    channels: [],
  },
  ...given,
});

export const makeGroup = (given: Partial<GroupMemory> = {}): GroupMemory => ({
  open: ['e-1'],
  waiting: [],
  resolved: [makeInput().effect],
  waitingMs: null,
  resolvedMs: [1, 2],
  sentAtMs: null,
  ...given,
});

/** A change from nothing to an alert, unless other texts are given. */
export const makeChange = (
  alert: StoredAlert,
  given: Partial<Omit<AlertChange, 'key'>> = {},
): AlertChange => ({
  key: { rule: alert.rule, host: alert.host, device: alert.device },
  before: null,
  after: alert,
  inputs: [],
  ended: null,
  ...given,
});
