import { type StoredSchedule, scheduleSchema } from '@booner/protocol';
import { MAX_SCHEDULES } from '@booner/protocol/limits';
import { shardOfText } from '@booner/protocol/shard';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { LeaseBus } from '../../lease-ports.ts';
import type { ScheduleBus } from '../../schedule-ports.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';

/** A bus of one implementation, empty at first. */
export type ScheduleBusUnderTest = AsyncDisposable & {
  startSchedules(): Promise<ScheduleBus>;
  startLeases(hub: string): Promise<LeaseBus>;
};

const makeSchedule = (name: string, changes: Partial<StoredSchedule> = {}): StoredSchedule => ({
  name,
  schedule: scheduleSchema.parse({ cron: '0 3 * * *', action: 'backup', selector: 'role=db' }),
  createdBy: null,
  credentialId: null,
  changedAtMs: 1_000,
  nextAtMs: 2_000,
  paused: null,
  queuedAtMs: null,
  firings: [],
  ...changes,
});

/** Describes the behaviour of every implementation of `ScheduleBus`. */
export function describeScheduleContract(startBus: () => Promise<ScheduleBusUnderTest>): void {
  const start = async () => {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const [schedules, leases] = await Promise.all([bus.startSchedules(), bus.startLeases('hub-1')]);
    for (const side of [schedules, leases]) resources.use(side);
    await untilConnected(schedules, leases);
    const leaseOf = (name: string) =>
      eventually(() => leases.leaseOf(shardOfText(name)), { what: 'a lease' });
    const owned = resources.move();
    return { schedules, leaseOf, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startSchedules() };
    }));

  it('is stored, changed and removed, each time by what was read', async () => {
    await using scene = await start();
    const { schedules } = scene;
    const { version, nowMs } = await schedules.readVersion();
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(60_000);
    const first = makeSchedule('nightly');
    expect(await schedules.change(null, 'nightly', null, first)).toBe('changed');
    expect(await schedules.change(null, 'nightly', null, first)).toBe('conflict');
    const read = (await schedules.readAll()).get('nightly');
    expect(read).toEqual({ schedule: first, text: JSON.stringify(first) });
    const second = makeSchedule('nightly', { nextAtMs: 3_000 });
    expect(await schedules.change(await scene.leaseOf('nightly'), 'nightly', read!.text, second)).toBe(
      'changed',
    );
    expect(await schedules.change(null, 'nightly', read!.text, null)).toBe('conflict');
    expect(await schedules.change(null, 'nightly', JSON.stringify(second), null)).toBe('changed');
    expect((await schedules.readAll()).size).toBe(0);
    expect((await schedules.readVersion()).version).toBe(version + 3);
  });

  it('is not changed by a hub that does not hold its shard', async () => {
    await using scene = await start();
    const { schedules } = scene;
    const schedule = makeSchedule('nightly');
    const lease = await scene.leaseOf('nightly');
    let other = 'other';
    while (shardOfText(other) === shardOfText('nightly')) other += '-';
    for (const stale of [
      { ...lease, epoch: lease.epoch - 1 },
      { ...lease, hub: 'hub-2' },
      await scene.leaseOf(other),
    ])
      expect(await schedules.change(stale, 'nightly', null, schedule)).toBe('not_held');
    expect((await schedules.readAll()).size).toBe(0);
  });

  it('is bounded in number', async () => {
    await using scene = await start();
    const { schedules } = scene;
    for (let index = 0; index < MAX_SCHEDULES; index += 1) {
      const name = `schedule-${index}`;
      expect(await schedules.change(null, name, null, makeSchedule(name))).toBe('changed');
    }
    expect(await schedules.change(null, 'more', null, makeSchedule('more'))).toBe('full');
  });
}
