import { EPISODES_KEY, OUTBOX_KEY } from '@booner/protocol/redis-names';
import { shardOf } from '@booner/protocol/shard';
import { startRedis } from '@booner/testkit';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { Lease } from '../../lease-ports.ts';
import {
  makeAlert,
  makeChange,
  makeEntries,
  makeEpisode,
  makeGroup,
  makeInput,
} from '../../testing/contract/alert-factory.ts';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { shiftTime } from '../../testing/shift-time.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { fieldsOf } from '../connection/stream-fields.ts';
import { LEASE_TTL_MS } from '../leases/held-leases.ts';
import { releaseLeases, renewLeases } from '../leases/lease-commands.ts';
import { createAlertChanges } from './alert-changes.ts';
import { createAlertReader } from './alert-reader.ts';

const SHARD = shardOf(HOST);
const ALERT = makeAlert();

/** A hub that evaluates one alert and keeps its group. It acts on what it knew before a pause. */
type Hub = {
  readonly name: string;
  /** The lease that it was granted last, whoever holds the shard by now. */
  lease: Lease | null;
  /** What it believes to be stored. */
  believed: string | null;
  inputs: number;
};

class World {
  readonly redis: Redis;
  readonly hubs: readonly Hub[] = ['hub-0', 'hub-1', 'hub-2'].map((name) => ({
    ...{ name, lease: null, believed: null, inputs: 0 },
  }));
  readonly changes: ReturnType<typeof createAlertChanges>;
  /** What the bus said: the text that is stored, and effects that it accepted. */
  stored: string | null = null;
  accepted = 0;
  ended = 0;
  waiting = 0;
  saved = 0;

  constructor(redis: Redis) {
    this.redis = redis;
    this.changes = createAlertChanges(redis, fail, new AbortController().signal);
  }

  /** Another hub can hold the shard once this one has died or released it. */
  async renew(hub: Hub) {
    const { granted } = await renewLeases(this.redis, hub.name, hub.lease === null ? [] : [hub.lease]);
    hub.lease = granted.find(({ shard }) => shard === SHARD) ?? hub.lease;
  }

  async release(hub: Hub) {
    await releaseLeases(this.redis, hub.name);
  }

  /** Sees what is stored, as from an event. */
  look(hub: Hub) {
    hub.believed = this.stored;
  }

  async isHolder(hub: Hub): Promise<boolean> {
    if (hub.lease === null) return false;
    const fields = await this.redis.hmget(`booner:lease:${SHARD}`, 'hub', 'epoch');
    return fields[0] === hub.name && fields[1] === `${hub.lease.epoch}`;
  }

  /** @param asHolder false: an acknowledgement, which needs no lease */
  async change(hub: Hub, reading: number, asHolder: boolean) {
    if (asHolder && hub.lease === null) return;
    const lease = asHolder ? hub.lease : null;
    const mayChange = !asHolder || (await this.isHolder(hub));
    const after = reading === 0 ? null : makeAlert({ reading });
    const ended = after === null ? makeEpisode() : null;
    const inputs = [{ shard: SHARD, input: makeInput() }];
    const change = makeChange(ALERT, { before: hub.believed, after, ended, inputs });
    const outcome = await this.changes.change(SHARD, lease, [change]);
    expect(outcome === 'not_held').toBe(!mayChange);
    if (outcome === 'not_held') return;
    const [only] = outcome;
    expect(only?.type).toBe(hub.believed === this.stored ? 'changed' : 'conflict');
    if (only?.type === 'changed') {
      this.stored = only.text;
      this.accepted += 1;
      this.waiting += 1;
      if (ended !== null) this.ended += 1;
    } else expect(only?.current?.text ?? null).toBe(this.stored);
    hub.believed = this.stored;
  }

  async readGroups(hub: Hub) {
    hub.inputs = (await this.changes.readGroups(SHARD)).inputs.length;
  }

  async saveGroups(hub: Hub) {
    if (hub.lease === null) return;
    const mayChange = await this.isHolder(hub);
    // A hub that was granted the shard anew has read the groups again.
    const taken = Math.min(hub.inputs, this.waiting);
    const groups = new Map([['disk-full', makeGroup()]]);
    const isSaved = await this.changes.saveGroups(hub.lease, {
      taken,
      groups,
      notifications: makeEntries(1),
    });
    expect(isSaved).toBe(mayChange);
    if (!isSaved) return;
    this.waiting -= taken;
    this.saved += 1;
    hub.inputs = 0;
  }

  async expectWhatWasAccepted() {
    const alerts = await createAlertReader(this.redis, fail, new AbortController().signal).readAlerts();
    expect(alerts.map(({ text }) => text)).toEqual(this.stored === null ? [] : [this.stored]);
    const events = await this.redis.xrange('booner:alert-events', '-', '+');
    expect(events).toHaveLength(this.accepted);
    const [, flat] = events.at(-1) ?? ['', []];
    const [last] = JSON.parse(fieldsOf(flat).get('alerts') ?? '[{"after":null}]');
    expect(last.after === null ? null : JSON.stringify(last.after)).toBe(this.stored);
    expect(await this.redis.xlen(EPISODES_KEY)).toBe(this.ended);
    expect((await this.changes.readGroups(SHARD)).inputs).toHaveLength(this.waiting);
    expect(await this.redis.xlen(OUTBOX_KEY)).toBe(this.saved);
  }
}

const fail = ({ detail }: { readonly detail: string }) => {
  throw new Error(detail);
};

type Step = { readonly name: string; readonly run: (world: World) => unknown };

const ofHub = (weight: number, name: string, run: (world: World, hub: Hub, value: number) => unknown) => ({
  weight,
  arbitrary: fc.tuple(fc.nat(2), fc.nat(3)).map(
    ([index, value]): Step => ({
      name: `${name}(${index}, ${value})`,
      run: (world) => run(world, world.hubs[index] as Hub, value),
    }),
  ),
});

const steps = fc.array(
  fc
    .oneof(
      ofHub(6, 'renew', (world, hub) => world.renew(hub)),
      ofHub(2, 'release', (world, hub) => world.release(hub)),
      ofHub(2, 'expire', (world) => shiftTime(world.redis, LEASE_TTL_MS)),
      ofHub(4, 'look', (world, hub) => world.look(hub)),
      ofHub(8, 'change', (world, hub, reading) => world.change(hub, reading, true)),
      ofHub(2, 'acknowledge', (world, hub, reading) => world.change(hub, reading, false)),
      ofHub(3, 'readGroups', (world, hub) => world.readGroups(hub)),
      ofHub(4, 'saveGroups', (world, hub) => world.saveGroups(hub)),
    )
    .map(({ name, run }) => ({ run, toString: () => name })),
  { minLength: 10, maxLength: 60, size: 'max' },
);

it('whatever happens, only the holder changes alerts and groups, and each change is told once', async () => {
  await using server = await startRedis();
  using operator = connectOperator(server.url);
  const { redis } = operator;
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      await redis.flushall();
      const world = new World(redis);
      for (const step of sequence) await step.run(world);
      await world.expectWhatWasAccepted();
    }),
    { numRuns: 150, interruptAfterTimeLimit: 30_000, unbiased: true },
  );
});
