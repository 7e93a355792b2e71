import { shardOfText } from '@booner/protocol/shard';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { LeaseBus } from '../../lease-ports.ts';
import type { RecordBus } from '../../record-ports.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';

/** A bus of one implementation, empty at first. */
export type RecordBusUnderTest<Bus> = AsyncDisposable & {
  start(): Promise<Bus>;
  startLeases(hub: string): Promise<LeaseBus>;
};

type Kind<Stored> = {
  /** Makes a record. Another number makes another one of that name. */
  readonly make: (name: string, number: number) => Stored;
  readonly max: number;
};

/** Describes the behaviour of every implementation of `RecordBus`. */
export function describeRecordContract<Stored>(
  startBus: () => Promise<RecordBusUnderTest<RecordBus<Stored>>>,
  { make, max }: Kind<Stored>,
): void {
  const start = async () => {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const [records, leases] = await Promise.all([bus.start(), bus.startLeases('hub-1')]);
    for (const side of [records, leases]) resources.use(side);
    await untilConnected(records, leases);
    const leaseOf = (name: string) =>
      eventually(() => leases.leaseOf(shardOfText(name)), { what: 'a lease' });
    const owned = resources.move();
    return { records, leaseOf, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.start() };
    }));

  it('is stored, changed and removed, each time by what was read', async () => {
    await using scene = await start();
    const { records } = scene;
    const { version, nowMs } = await records.readVersion();
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(60_000);
    const first = make('nightly', 1);
    expect(await records.change(null, 'nightly', null, first)).toBe('changed');
    expect(await records.change(null, 'nightly', null, first)).toBe('conflict');
    const read = (await records.readAll()).get('nightly');
    expect(read).toEqual({ record: first, text: JSON.stringify(first) });
    const second = make('nightly', 2);
    expect(await records.change(await scene.leaseOf('nightly'), 'nightly', read!.text, second)).toBe(
      'changed',
    );
    expect(await records.change(null, 'nightly', read!.text, null)).toBe('conflict');
    expect(await records.change(null, 'nightly', JSON.stringify(second), null)).toBe('changed');
    expect((await records.readAll()).size).toBe(0);
    expect((await records.readVersion()).version).toBe(version + 3);
  });

  it('is not changed by a hub that does not hold its shard', async () => {
    await using scene = await start();
    const { records } = scene;
    const record = make('nightly', 1);
    const lease = await scene.leaseOf('nightly');
    let other = 'other';
    while (shardOfText(other) === shardOfText('nightly')) other += '-';
    for (const stale of [
      { ...lease, epoch: lease.epoch - 1 },
      { ...lease, hub: 'hub-2' },
      await scene.leaseOf(other),
    ])
      expect(await records.change(stale, 'nightly', null, record)).toBe('not_held');
    expect((await records.readAll()).size).toBe(0);
  });

  it('is bounded in number', async () => {
    await using scene = await start();
    const { records } = scene;
    for (let index = 0; index < max; index += 1) {
      const name = `record-${index}`;
      expect(await records.change(null, name, null, make(name, 1))).toBe('changed');
    }
    expect(await records.change(null, 'more', null, make('more', 1))).toBe('full');
  });
}
