import { alertsKey, groupInputsKey, groupsKey } from '@booner/protocol/redis-names';
import type { Shard } from '@booner/protocol/shard';
import type { Redis } from 'ioredis';
import type { AlertChange, AlertChangeOutcome, GroupChanges, StoredGroups } from '../../alert-ports.ts';
import type { Lease } from '../../lease-ports.ts';
import { MAX_INPUTS_READ } from '../../limits.ts';
import { alertField, keyText, readAlert, readGroup, readInput } from '../../stored-alerts.ts';
import { newItem } from '../../stored-outbox.ts';
import { accept, type OnRejected, reject } from '../../stored-values.ts';
import { readBatch } from '../connection/read-batch.ts';
import { runScript } from '../connection/run-script.ts';
import { pause } from '../connection/scan-keys.ts';
import { leaseArguments } from '../leases/lease-scripts.ts';
import { itemArguments } from '../outbox/outbox-scripts.ts';
import { CHANGE_ALERTS, SAVE_GROUPS } from './alert-scripts.ts';

/** Inputs parsed before the event loop gets a turn: at most some 8 ms of work. */
const INPUTS_PER_TURN = 250;

const textOf = (value: unknown): string => (value === null ? '' : JSON.stringify(value));

/** What the holder of a shard changes. All methods reject with BusError. */
export function createAlertChanges(redis: Redis, onRejected: OnRejected, signal: AbortSignal) {
  const runChange = (shard: Shard, lease: Lease | null, args: readonly (string | number)[]) =>
    runScript(
      redis,
      CHANGE_ALERTS,
      [alertsKey(shard)],
      [...(lease === null ? ['', '', ''] : leaseArguments(lease)), ...args],
    );
  /** Returns what is stored. Removes it if it cannot be parsed: no change could replace it. */
  const readCurrent = async (shard: Shard, lease: Lease | null, change: AlertChange, text: string) => {
    const field = alertField(change.key);
    const current = text === '' ? null : accept(readAlert(field, text), onRejected);
    if (current === null && text !== '') {
      await runChange(shard, lease, [field, text, '', keyText(change), '', 0]);
    }
    return current;
  };

  return {
    change: async (
      shard: Shard,
      lease: Lease | null,
      changes: readonly AlertChange[],
    ): Promise<readonly AlertChangeOutcome[] | 'not_held'> => {
      if (lease !== null && lease.shard !== shard) return 'not_held';
      const args = changes.flatMap((change) => [
        ...[alertField(change.key), change.before ?? '', textOf(change.after), keyText(change)],
        ...[textOf(change.ended), change.inputs.length],
        ...change.inputs.flatMap(({ shard, input }) => [groupInputsKey(shard), JSON.stringify(input)]),
      ]);
      const reply = await runChange(shard, lease, args);
      if (reply === null) return 'not_held';
      const [dropped, ...flat] = reply as [number, ...string[]];
      if (dropped > 0) {
        const detail = `${dropped} inputs were dropped: the groups of their shard take none`;
        onRejected(reject('excess', null, detail).rejection);
      }
      const outcomes: AlertChangeOutcome[] = [];
      for (const [index, change] of changes.entries()) {
        const [type, text = ''] = flat.slice(2 * index);
        if (type === 'changed') outcomes.push({ type, text: text === '' ? null : text });
        else outcomes.push({ type: 'conflict', current: await readCurrent(shard, lease, change, text) });
      }
      return outcomes;
    },

    readGroups: async (shard: Shard): Promise<StoredGroups> => {
      const [[, hash] = [], [, list] = []] = await readBatch(redis, (pipeline) => {
        pipeline.hgetall(groupsKey(shard));
        pipeline.lrange(groupInputsKey(shard), 0, MAX_INPUTS_READ - 1);
      });
      const groups = new Map(
        Object.entries((hash ?? {}) as Record<string, string>).flatMap(([name, text]) => {
          const group = accept(readGroup(text), onRejected);
          return group === null ? [] : [[name, group] as const];
        }),
      );
      const inputs = [];
      for (const [index, text] of ((list ?? []) as string[]).entries()) {
        inputs.push(accept(readInput(text), onRejected));
        if (index % INPUTS_PER_TURN === INPUTS_PER_TURN - 1) await pause(signal);
      }
      return { groups, inputs };
    },

    saveGroups: async (lease: Lease, { taken, groups, notifications }: GroupChanges): Promise<boolean> => {
      const atMs = Date.now();
      const args = [
        ...[...leaseArguments(lease), groupInputsKey(lease.shard), taken, groups.size],
        ...[...groups].flatMap(([name, group]) => [name, textOf(group)]),
        ...notifications.flatMap((entry) => itemArguments(newItem(entry, atMs))),
      ];
      return (await runScript(redis, SAVE_GROUPS, [groupsKey(lease.shard)], args)) === 1;
    },
  };
}
