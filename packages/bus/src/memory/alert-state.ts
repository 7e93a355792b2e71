import type { AlertSettingKind } from '@booner/protocol';
import type { Shard } from '@booner/protocol/shard';
import { MAX_ALERT_EVENTS, MAX_EPISODES } from '../limits.ts';
import { createNotifier } from '../notifier.ts';
import { createEntryStream } from './entry-stream.ts';
import { createExpiringValues } from './expiring-values.ts';
import type { LeaseState } from './memory-leases.ts';
import type { OutboxState } from './outbox-state.ts';

/** Returns a map per key, empty at first. */
function createMaps<K>() {
  const maps = new Map<K, Map<string, string>>();
  return (key: K): Map<string, string> => {
    const map = maps.get(key) ?? new Map<string, string>();
    maps.set(key, map);
    return map;
  };
}

/** State of alerts that a bus in memory keeps in place of Redis. Values are JSON. */
export function createAlertState(leases: LeaseState, outbox: OutboxState) {
  const notifier = createNotifier();
  const events = createEntryStream<ReadonlyMap<string, string>>(MAX_ALERT_EVENTS);
  return {
    ...{ leases, outbox, events, notifier },
    settings: createMaps<AlertSettingKind>(),
    beats: new Map<string, number>(),
    alerts: createMaps<Shard>(),
    groups: createMaps<Shard>(),
    /** By shard. */
    inputs: new Map<Shard, string[]>(),
    episodes: createEntryStream<ReadonlyMap<string, string>>(MAX_EPISODES),
    links: createExpiringValues(),
    announce: (fields: Readonly<Record<string, string>>) => {
      events.append(new Map(Object.entries(fields)));
      notifier.notify();
    },
  };
}

export type AlertState = ReturnType<typeof createAlertState>;
