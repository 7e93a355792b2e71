import type { AlertSettingKind, Cursor, EndedEpisode } from '@booner/protocol';
import { ALL_SHARDS, type Shard } from '@booner/protocol/shard';
import type {
  AlertBus,
  AlertChange,
  AlertChangeOutcome,
  AlertEvent,
  EpisodePage,
  EpisodeQuery,
} from '../alert-ports.ts';
import type { Lease } from '../lease-ports.ts';
import { MAX_GROUP_INPUTS, MAX_INPUTS_READ, MAX_WAIT_MS } from '../limits.ts';
import {
  alertField,
  parseEvent,
  readAlert,
  readEpisodeFields,
  readEpisodeIds,
  readGroup,
  readInput,
  readSetting,
  settingText,
} from '../stored-alerts.ts';
import { newItem } from '../stored-outbox.ts';
import { accept, type OnRejected, type Reading, reject } from '../stored-values.ts';
import type { AlertState } from './alert-state.ts';
import { isInForce } from './memory-leases.ts';
import { startMemoryScope } from './memory-scope.ts';

export type MemoryAlertsOptions = {
  readonly onRejected?: OnRejected;
  /** Longest wait of `nextEvents`; default 5 s. */
  readonly waitMs?: number;
};

/** Starts a hub's side of alerts of a bus in memory. */
export function startMemoryAlerts(
  state: AlertState,
  { onRejected = () => {}, waitMs = MAX_WAIT_MS }: MemoryAlertsOptions = {},
): AlertBus {
  const scope = startMemoryScope();
  const { side, use } = scope;
  const { events } = state;

  const parseAll = <T>(
    stored: ReadonlyMap<string, string>,
    read: (name: string, text: string) => Reading<T>,
  ) =>
    [...stored].flatMap(([name, text]) => {
      const value = accept(read(name, text), onRejected);
      return value === null ? [] : [[name, value] as const];
    });
  const announceSettings = (kind: AlertSettingKind) => state.announce({ type: 'settings', kind });
  const readEvents = (after: Cursor, max: number): readonly AlertEvent[] | 'trimmed' =>
    events.reachesBackTo(after)
      ? events
          .after(after, max)
          .map(({ cursor, value }) => parseEvent(cursor, value, onRejected))
          .filter((event) => event !== null)
      : 'trimmed';
  const addInputs = (inputs: AlertChange['inputs']) => {
    for (const { shard, input } of inputs) {
      const list = state.inputs.get(shard) ?? [];
      state.inputs.set(shard, list);
      if (list.length < MAX_GROUP_INPUTS) list.push(JSON.stringify(input));
      else onRejected(reject('excess', null, 'an input was dropped: the groups take none').rejection);
    }
  };
  const changeOne = (
    shard: Shard,
    { key, before, after, inputs, ended }: AlertChange,
  ): AlertChangeOutcome => {
    const alerts = state.alerts(shard);
    const field = alertField(key);
    const stored = alerts.get(field) ?? null;
    if (stored !== before) {
      const current = stored === null ? null : accept(readAlert(field, stored), onRejected);
      if (current === null) alerts.delete(field); // no change could replace it
      return { type: 'conflict', current };
    }
    const text = after === null ? null : JSON.stringify(after);
    if (text === null) alerts.delete(field);
    else alerts.set(field, text);
    addInputs(inputs);
    if (ended !== null) state.episodes.append(new Map([['episode', JSON.stringify(ended)]]));
    return { type: 'changed', text };
  };
  const change = (shard: Shard, lease: Lease | null, changes: readonly AlertChange[]) => {
    if (lease !== null && (lease.shard !== shard || !isInForce(state.leases, lease))) return 'not_held';
    const outcomes = changes.map((each) => changeOne(shard, each));
    const made = changes.filter((_, index) => outcomes[index]?.type === 'changed');
    const alerts = made.map(({ key: { rule, host, device }, after, ended }) => ({
      ...{ rule, host, device, after, ended },
    }));
    const groups = [...new Set(made.flatMap(({ inputs }) => inputs.map(({ shard }) => shard)))];
    if (alerts.length > 0) {
      state.announce({ type: 'alerts', alerts: JSON.stringify(alerts), groups: JSON.stringify(groups) });
    }
    return outcomes;
  };

  return {
    ...side,
    readSettings: use((kind) => new Map(parseAll(state.settings(kind), readSetting))),
    putSetting: use((kind, name, value, max) => {
      const settings = state.settings(kind);
      const text = settingText(name, value);
      if (!settings.has(name) && settings.size >= max) return 'full';
      settings.set(name, text);
      announceSettings(kind);
      return 'stored';
    }),
    removeSetting: use((kind, name) => {
      if (!state.settings(kind).delete(name)) return false;
      if (kind === 'heartbeats') state.beats.delete(name);
      announceSettings(kind);
      return true;
    }),

    readAlerts: use(() => ({
      cursor: events.last(),
      alerts: ALL_SHARDS.flatMap((shard) =>
        parseAll(state.alerts(shard), readAlert).map(([, alert]) => alert),
      ),
    })),
    change: use(change),
    nextEvents: (after, max) =>
      state.notifier.pollUntil(
        () => readEvents(after, max),
        (found) => found.length > 0,
        waitMs,
        scope,
      ),
    readEpisodes: use((query) => readEpisodes(state, query, onRejected)),

    readGroups: use((shard) => ({
      groups: new Map(parseAll(state.groups(shard), (_, text) => readGroup(text))),
      inputs: (state.inputs.get(shard) ?? [])
        .slice(0, MAX_INPUTS_READ)
        .map((text) => accept(readInput(text), onRejected)),
    })),
    saveGroups: use((lease, { taken, groups, notifications }) => {
      if (!isInForce(state.leases, lease)) return false;
      state.inputs.get(lease.shard)?.splice(0, taken);
      const stored = state.groups(lease.shard);
      for (const [name, group] of groups) {
        if (group === null) stored.delete(name);
        else stored.set(name, JSON.stringify(group));
      }
      for (const entry of notifications) state.outbox.offer(newItem(entry, Date.now()));
      return true;
    }),

    beat: use((name, atMs) => void state.beats.set(name, atMs)),
    readBeats: use(() => new Map(state.beats)),

    putAlertLink: use(state.links.put),
    takeAlertLink: use((hash) => {
      const stored = state.links.take(hash);
      return stored === null ? null : accept(readEpisodeIds(stored), onRejected);
    }),
  };
}

function readEpisodes(
  { episodes }: AlertState,
  { limit, before, accepts = () => true }: EpisodeQuery,
  onRejected: OnRejected,
): EpisodePage {
  const found: { readonly cursor: Cursor; readonly episode: EndedEpisode }[] = [];
  for (const { cursor, value } of episodes.before(before, Number.POSITIVE_INFINITY)) {
    if (found.length > limit) break;
    const episode = accept(readEpisodeFields(cursor, value), onRejected);
    if (episode !== null && accepts(episode)) found.push({ cursor, episode });
  }
  return {
    episodes: found.slice(0, limit).map(({ episode }) => episode),
    next: found.length > limit ? (found[limit - 1]?.cursor ?? null) : null,
  };
}
