import { leaseKey } from '@booner/protocol/redis-names';
import { ALL_SHARDS, SHARDS, type Shard } from '@booner/protocol/shard';
import { startRedis } from '@booner/testkit';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import type { Lease } from '../../lease-ports.ts';
import { shiftTime } from '../../testing/shift-time.ts';
import { connectOperator } from '../../testing/test-bus.ts';
import { runScript } from '../connection/run-script.ts';
import { HeldLeases, LEASE_TTL_MS, type Renewal } from './held-leases.ts';
import { releaseLeases, renewLeases } from './lease-commands.ts';
import { defineLeaseScript, leaseArguments } from './lease-scripts.ts';

const RENEW_INTERVAL_MS = 1000;
/** The time that `LeaseBus` promises. */
const HELD_AGAIN_WITHIN_MS = 8000;
const EFFECTS = 'test:effects';

/** An effect as a feature has it: a compare-and-set with the lease, in the step that writes. */
const EFFECT = defineLeaseScript([
  `if not holds_lease(KEYS[1], ARGV[1], ARGV[2]) then return 0 end
  redis.call('RPUSH', KEYS[2], KEYS[1] .. ' ' .. ARGV[1] .. ' ' .. ARGV[2])
  return 1`,
]);

/** A hub of the model: its clock is its own, and its messages travel when the model says so. */
type Hub = {
  readonly name: string;
  readonly leases: HeldLeases;
  nowMs: number;
  isDead: boolean;
  /** Messages to Redis and its answers do not arrive. */
  isCutOff: boolean;
  /** Neither its code nor its clock goes on, as in a suspended virtual machine. */
  isSuspended: boolean;
  /** A renewal on its way to Redis, and an answer on its way back. */
  request: { readonly held: readonly Lease[]; readonly sentAtMs: number } | null;
  answer: { readonly renewal: Renewal; readonly sentAtMs: number } | null;
  /** Leases that it looked up before a pause of its work, and goes on with after it. */
  looked: readonly Lease[];
};

class World {
  readonly redis: Redis;
  readonly hubs: readonly Hub[];
  /** False once a clock jumped or stood still: then Redis alone knows who holds what. */
  clocksAgree = true;

  constructor(redis: Redis) {
    this.redis = redis;
    this.hubs = [0, 1, 2].map((index) => ({
      name: `hub-${index}`,
      leases: new HeldLeases(),
      nowMs: 1e6 * index,
      isDead: false,
      isCutOff: false,
      isSuspended: false,
      request: null,
      answer: null,
      looked: [],
    }));
  }

  hub(index: number): Hub {
    return this.hubs[index] as Hub;
  }

  async advance(byMs: number) {
    await shiftTime(this.redis, byMs);
    for (const hub of this.hubs) {
      if (hub.isSuspended) continue;
      hub.nowMs += byMs;
      if (!hub.isDead) hub.leases.expire(hub.nowMs);
    }
  }

  send(hub: Hub) {
    if (hub.isDead || hub.isSuspended) return;
    hub.answer = null;
    hub.request = { held: hub.leases.held(hub.nowMs), sentAtMs: hub.nowMs };
  }

  /** A request may arrive when its hub is dead or suspended by now. */
  async execute(hub: Hub) {
    const { request } = hub;
    if (request === null || hub.isCutOff) return;
    hub.request = null;
    const renewal = await renewLeases(this.redis, hub.name, request.held);
    hub.answer = { renewal, sentAtMs: request.sentAtMs };
  }

  async receive(hub: Hub) {
    const { answer } = hub;
    if (answer === null || hub.isDead || hub.isCutOff || hub.isSuspended) return;
    hub.answer = null;
    const { excess } = hub.leases.apply(answer.renewal, answer.sentAtMs, hub.nowMs);
    const shards = excess.map(({ shard }) => shard);
    await releaseLeases(this.redis, hub.name, shards);
  }

  async renew(hub: Hub) {
    this.send(hub);
    await this.execute(hub);
    await this.receive(hub);
  }

  async stop(hub: Hub) {
    if (hub.isDead || hub.isSuspended) return;
    hub.leases.clear();
    hub.isDead = true;
    if (!hub.isCutOff) await releaseLeases(this.redis, hub.name);
  }

  look(hub: Hub) {
    if (!hub.isDead && !hub.isSuspended) hub.looked = hub.leases.held(hub.nowMs);
  }

  /** Has effects with leases that were looked up earlier. The bus decides what comes of them. */
  async act(hub: Hub) {
    if (hub.isDead || hub.isSuspended || hub.isCutOff) return;
    for (const lease of [...hub.looked, ...hub.leases.held(hub.nowMs)]) {
      // One shard in eight, which is enough to see a mistake.
      if (lease.shard % 8 !== 0) continue;
      const [key, ...args] = leaseArguments(lease);
      await runScript(this.redis, EFFECT, [key, EFFECTS], args);
    }
  }

  /** While clocks agree, at most one hub relies on a shard. */
  expectOneHolder() {
    for (const shard of this.clocksAgree ? ALL_SHARDS : []) {
      const reliedOn = this.hubs.filter(
        (hub) => !hub.isDead && hub.leases.leaseOf(shard, hub.nowMs) !== null,
      );
      if (reliedOn.length > 1) throw new Error(`${reliedOn.map(({ name }) => name)} rely on shard ${shard}`);
    }
  }

  /** Epochs of a shard's effects only grow, and each is that of one hub and shard. */
  async expectOrderedEffects() {
    const last = new Map<string, number>();
    const holders = new Map<string, string>();
    for (const effect of await this.redis.lrange(EFFECTS, '0', '-1')) {
      const [key = '', hub = '', epoch = ''] = effect.split(' ');
      expect(Number(epoch), effect).toBeGreaterThanOrEqual(last.get(key) ?? 0);
      last.set(key, Number(epoch));
      expect(holders.get(epoch) ?? `${hub} ${key}`, effect).toBe(`${hub} ${key}`);
      holders.set(epoch, `${hub} ${key}`);
    }
  }

  /** All faults end. Dead hubs stay dead. */
  async settle() {
    if (this.hubs.every(({ isDead }) => isDead)) this.hub(0).isDead = false;
    for (const hub of this.hubs) {
      hub.isCutOff = false;
      hub.isSuspended = false;
      await this.act(hub);
    }
    const live = this.hubs.filter(({ isDead }) => !isDead);
    for (let waitedMs = 0; waitedMs < HELD_AGAIN_WITHIN_MS; waitedMs += RENEW_INTERVAL_MS) {
      await this.advance(RENEW_INTERVAL_MS);
      for (const hub of live) await this.renew(hub);
    }
    const counts = live.map((hub) => hub.leases.held(hub.nowMs).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(SHARDS);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    for (const { shard, hub, epoch } of live.flatMap((each) => each.leases.held(each.nowMs))) {
      expect(await this.redis.hgetall(leaseKey(shard as Shard))).toEqual({ hub, epoch: `${epoch}` });
    }
    // Whoever still goes by an old lease is refused.
    for (const hub of [...live, ...live]) await this.act(hub);
  }
}

type Step = { readonly name: string; readonly run: (world: World) => unknown };

const anyHub = fc.nat(2);
const ofHub = (weight: number, name: string, run: (world: World, hub: Hub) => unknown) => ({
  weight,
  arbitrary: anyHub.map((index): Step => ({ name: `${name}(${index})`, run: (w) => run(w, w.hub(index)) })),
});
const passing = (weight: number, name: string, range: { min: number; max: number }) => ({
  weight,
  arbitrary: fc.integer(range).map((ms): Step => ({ name: `${name}(${ms})`, run: (w) => w.advance(ms) })),
});

const usual = [
  ofHub(12, 'renew', (world, hub) => world.renew(hub)),
  ofHub(4, 'send', (world, hub) => world.send(hub)),
  ofHub(6, 'execute', (world, hub) => world.execute(hub)),
  ofHub(6, 'receive', (world, hub) => world.receive(hub)),
  ofHub(4, 'look', (world, hub) => world.look(hub)),
  ofHub(6, 'act', (world, hub) => world.act(hub)),
  passing(12, 'advance', { min: 1, max: 1500 }),
  passing(2, 'pause', { min: 1500, max: LEASE_TTL_MS + 2000 }),
  ofHub(2, 'cutOff', (_, hub) => {
    hub.isCutOff = !hub.isCutOff;
  }),
  ofHub(2, 'kill', (_, hub) => {
    hub.isDead = true;
  }),
  ofHub(1, 'stop', (world, hub) => world.stop(hub)),
];

const clockFaults = [
  {
    weight: 2,
    arbitrary: fc.integer({ min: -6000, max: 6000 }).map(
      (ms): Step => ({
        name: `jumpOfRedis(${ms})`,
        run: (world) => {
          world.clocksAgree = false;
          return shiftTime(world.redis, ms);
        },
      }),
    ),
  },
  ofHub(1, 'jump', (world, hub) => {
    world.clocksAgree = false;
    hub.nowMs += 3000;
  }),
  ofHub(2, 'suspend', (world, hub) => {
    world.clocksAgree = false;
    hub.isSuspended = !hub.isSuspended;
  }),
];

const sequenceOf = (steps: typeof usual) =>
  fc.array(
    fc.oneof(...steps).map(({ name, run }) => ({ run, toString: () => name })),
    { minLength: 20, maxLength: 80, size: 'max' },
  );

it('whatever happens, only the holder of a shard has effects, and every shard is held again', async () => {
  await using server = await startRedis();
  using operator = connectOperator(server.url);
  const { redis } = operator;
  await fc.assert(
    fc.asyncProperty(fc.oneof(sequenceOf(usual), sequenceOf([...usual, ...clockFaults])), async (steps) => {
      await redis.flushall();
      const world = new World(redis);
      for (const step of steps) {
        await step.run(world);
        world.expectOneHolder();
      }
      await world.settle();
      await world.expectOrderedEffects();
    }),
    { numRuns: 150, interruptAfterTimeLimit: 30_000, unbiased: true },
  );
});
