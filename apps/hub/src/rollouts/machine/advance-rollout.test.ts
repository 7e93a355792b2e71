import {
  batchSizes,
  failuresAllowed,
  type HostId,
  isRolloutOver,
  isRolloutSettled,
  parseHostId,
  type Rollout,
  type RolloutId,
  type RolloutRequest,
  rolloutRequestSchema,
  type TaskId,
  type TaskStatus,
} from '@booner/protocol';
import { newTaskId } from '@booner/protocol/task-id';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanceRollout } from './advance-rollout.ts';
import { type Direction, directRollout } from './direct-rollout.ts';
import { newRollout } from './new-rollout.ts';
import type { HostReadiness, RolloutCommand, RolloutView } from './rollout-step.ts';

const START_MS = 1_800_000_000_000;
const READY: HostReadiness = { type: 'ready', definition: 'a' };

const hostsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => parseHostId(`10.0.1.${index}`) as HostId);

type Made = Pick<Extract<RolloutCommand, { type: 'create' }>, 'host' | 'of'> & {
  readonly id: TaskId;
  status: TaskStatus;
  error: string | null;
};

/** Hosts, tasks and a bus that keeps one rollout, as far as a rollout depends on them. */
function createWorld(request: Partial<RolloutRequest>, count: number) {
  const hosts = hostsOf(count);
  let rollout = newRollout({
    id: newTaskId() as string as RolloutId,
    request: rolloutRequestSchema.parse({ action: 'web.deploy', selector: '*', ...request }),
    hosts: hosts.map((host) => ({ host, definition: 'a' })),
    createdBy: 'PNYOx4KFKhAG ada',
    credentialId: 'PNYOx4KFKhAG',
    nowMs: START_MS,
  });
  const tasks = new Map<TaskId, Made>();
  const readiness = new Map<HostId, HostReadiness>(hosts.map((host) => [host, READY]));
  const world = {
    nowMs: START_MS,
    hosts,
    tasks,
    readiness,
    firing: new Set<HostId>(),
    rollout: () => rollout,
    statusOf: (index: number) => rollout.hosts[index]?.status,
    taskOf: (index: number) => tasks.get(rollout.hosts[index]?.taskId as TaskId) as Made,
    /** One look of a hub, which dies before it has carried out the commands from `diesAfter` on. */
    look: (diesAfter = Number.POSITIVE_INFINITY) => {
      const before = rollout;
      const view: RolloutView = {
        nowMs: world.nowMs,
        taskOf: (id) => tasks.get(id) ?? null,
        readinessOf: (host) => readiness.get(host) as HostReadiness,
        countFiring: (of) => of.filter((host) => world.firing.has(host)).length,
        newTaskId: () => newTaskId(),
      };
      const step = advanceRollout(rollout, view);
      if (step.rollout !== before) {
        expect(step.rollout.version).toBe(before.version + 1);
        const differing = step.rollout.hosts.filter((host, index) => host !== before.hosts[index]);
        expect(new Set(step.hosts)).toEqual(new Set(differing));
      }
      rollout = step.rollout;
      for (const command of step.commands.slice(0, diesAfter)) carryOut(command);
    },
    direct: (direction: Direction) => {
      const directed = directRollout(rollout, direction, world.nowMs);
      if ('rollout' in directed) rollout = directed.rollout;
      return directed;
    },
    /** Looks until nothing changes, while tasks end as `ends` says. */
    settle: (ends: (task: Made) => 'completed' | 'failed' = () => 'completed') => {
      for (let turn = 0; turn < 500; turn += 1) {
        const before = rollout;
        world.look();
        const open = [...tasks.values()].filter(({ status }) => status === 'queued' || status === 'running');
        if (rollout === before && open.length === 0 && turn > 60) return;
        for (const task of open) task.status = task.status === 'queued' ? 'running' : ends(task);
        world.nowMs += 1000;
      }
    },
  };
  /**
   * What the bus does: it creates a task only for a host that waits for it, while the rollout runs.
   */
  const carryOut = (command: RolloutCommand) => {
    if (command.type === 'cancel') {
      const task = tasks.get(command.taskId);
      if (task?.status === 'queued' || task?.status === 'running') task.status = 'cancelled';
      return;
    }
    const { host, taskId, of } = command;
    const entry = rollout.hosts.find((each) => each.host === host);
    const isWanted =
      (entry?.taskId === taskId && entry.status === 'queued') ||
      (entry?.checkId === taskId && entry.status === 'checking');
    if (rollout.status !== 'running' || !isWanted || tasks.has(taskId)) return;
    tasks.set(taskId, { id: taskId, host, of, status: 'queued', error: null });
  };
  return world;
}

describe('a rollout', () => {
  it('begins batch after batch, each when the one before is done', () => {
    const world = createWorld({ batches: [1, '50%'] }, 5);
    world.look();
    expect(world.rollout()).toMatchObject({
      status: 'running',
      batches: 3,
      counts: { queued: 1, waiting: 4 },
    });
    world.taskOf(0).status = 'running';
    world.look();
    expect(world.rollout().counts).toEqual({ running: 1, waiting: 4 });
    world.taskOf(0).status = 'completed';
    world.look();
    expect(world.rollout()).toMatchObject({ batch: 1, counts: { completed: 1, queued: 3, waiting: 1 } });
    world.settle();
    expect(world.rollout()).toMatchObject({ status: 'completed', reason: null, counts: { completed: 5 } });
    expect(isRolloutSettled(world.rollout())).toBe(true);
  });

  it('stops at one failure too many: cancels what is queued, lets the rest end, and retries', () => {
    const world = createWorld({ batches: ['100%'], maxFailures: 1 }, 5);
    world.look();
    for (const index of [0, 1, 2]) world.taskOf(index).status = 'running';
    for (const index of [0, 1]) world.taskOf(index).status = 'failed';
    world.look();
    expect(world.rollout()).toMatchObject({
      ...{ status: 'failed', endedAtMs: null, reason: '2 of 5 hosts failed: no more than 1 may' },
    });
    expect([2, 3, 4].map((index) => world.taskOf(index).status)).toEqual([
      'running',
      'cancelled',
      'cancelled',
    ]);
    expect(world.direct({ type: 'retry_failed' })).toMatchObject({ refusal: expect.stringContaining('run') });
    world.taskOf(2).status = 'completed';
    world.look();
    expect(world.rollout()).toMatchObject({ endedAtMs: world.nowMs, counts: { completed: 1 } });
    world.direct({ type: 'retry_failed' });
    world.settle();
    expect(world.rollout()).toMatchObject({ status: 'completed', counts: { completed: 5 } });
    expect(world.tasks.size).toBe(9);
  });

  it('waits between batches: for a time, for health, for a check, for an approval', () => {
    const check = { action: 'web.check', params: {} };
    const between = { waitSeconds: 30, healthy: true, check };
    const world = createWorld({ batches: [1], between, approval: 'between' }, 2);
    world.look();
    world.taskOf(0).status = 'completed';
    world.look();
    expect(world.statusOf(0)).toBe('checking');
    const checkId = world.rollout().hosts[0]?.checkId as TaskId;
    expect(world.tasks.get(checkId)?.host).toBe(world.hosts[0]);
    (world.tasks.get(checkId) as Made).status = 'completed';
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'waiting_for_approval', batch: 1 });
    const ada = {
      type: 'approve',
      subject: 'PNYOx4KFKhAG ada',
      credentialId: 'PNYOx4KFKhAG',
      role: 'operator',
    } as const;
    expect(world.direct(ada)).toMatchObject({ isForbidden: true });
    expect(world.direct({ ...ada, subject: 'x grace' })).toMatchObject({ isForbidden: true });
    world.direct({ type: 'approve', subject: 'x grace', credentialId: 'x', role: 'operator' });
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'running', reason: 'waits 30 s before batch 2 of 2' });
    world.nowMs += 30_000;
    world.firing.add(world.hosts[0] as HostId);
    world.look();
    expect(world.rollout().reason).toBe('waits for health: 1 host that is done has an alert that fires');
    world.firing.clear();
    world.look();
    expect(world.statusOf(1)).toBe('queued');
    world.settle();
    expect(world.rollout().status).toBe('completed');
  });

  it('fails a host whose check fails', () => {
    const between = { waitSeconds: 0, healthy: false, check: { action: 'web.check', params: {} } };
    const world = createWorld({ batches: [1], between }, 2);
    world.settle(({ id }) => (id === world.rollout().hosts[0]?.checkId ? 'failed' : 'completed'));
    expect(world.rollout()).toMatchObject({ status: 'failed', counts: { failed: 1, waiting: 1 } });
    expect(world.rollout().hosts[0]?.error).toBe('the check failed: failed');
  });

  it('asks for approval before it begins, and pauses if nobody approves in time', () => {
    const world = createWorld({ approval: 'before' }, 2);
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'waiting_for_approval', counts: { waiting: 2 } });
    world.nowMs += 24 * 3_600_000;
    expect(
      world.direct({ type: 'approve', subject: 'x', credentialId: null, role: 'operator' }),
    ).toHaveProperty('refusal');
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'paused', reason: expect.stringContaining('24 h') });
    world.direct({ type: 'resume' });
    world.direct({ type: 'approve', subject: 'x', credentialId: null, role: 'operator' });
    world.settle();
    expect(world.rollout().status).toBe('completed');
  });

  it.each([
    ['skip', 0, { status: 'skipped', error: 'offline' }],
    ['fail', 0, { status: 'failed', error: 'offline' }],
    ['wait', 0, { status: 'waiting', error: 'offline' }],
    ['wait', 60_000, { status: 'failed', error: 'offline for 60 s' }],
  ] as const)('treats an offline host: %s, after %i ms', (offline, afterMs, expected) => {
    const world = createWorld({ batches: [1], offline, offlineWaitSeconds: 60 }, 2);
    world.readiness.set(world.hosts[0] as HostId, { type: 'offline' });
    world.look();
    world.nowMs += afterMs;
    world.look();
    expect(world.rollout().hosts[0]).toMatchObject(expected);
    if (expected.status !== 'waiting') return;
    expect(world.rollout().reason).toBe('waits for 1 offline host');
    world.readiness.set(world.hosts[0] as HostId, READY);
    world.settle();
    expect(world.rollout()).toMatchObject({ status: 'completed', counts: { completed: 2 } });
  });

  it('fails a host that was removed or lost the action, and stops if the action has changed', () => {
    const world = createWorld({ batches: ['100%'], maxFailures: '100%' }, 3);
    world.readiness.set(world.hosts[0] as HostId, { type: 'removed' });
    world.readiness.set(world.hosts[1] as HostId, { type: 'not_offered' });
    world.settle();
    expect(world.rollout()).toMatchObject({ status: 'completed', counts: { failed: 2, completed: 1 } });
    expect(world.rollout().hosts.map(({ error }) => error)).toEqual([
      'the target was removed',
      'does not offer the action web.deploy',
      null,
    ]);

    const changed = createWorld({ batches: ['100%'] }, 2);
    changed.readiness.set(changed.hosts[0] as HostId, { type: 'ready', definition: 'b' });
    changed.settle();
    expect(changed.rollout()).toMatchObject({ status: 'failed', counts: { waiting: 2 } });
    expect(changed.rollout().reason).toBe(
      'web.deploy on 10.0.1.0 has changed since the rollout was created: create a new one',
    );
    expect(changed.tasks.size).toBe(0);
  });

  it('pauses when its creator may not run the action any more', () => {
    const world = createWorld({}, 2);
    world.readiness.set(world.hosts[0] as HostId, { type: 'not_allowed', reason: 'the token was revoked' });
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'paused', reason: 'the token was revoked' });
    expect(world.tasks.size).toBe(0);
  });

  it('is paused, goes on, and is cancelled with or without what runs', () => {
    const world = createWorld({ batches: [2] }, 6);
    world.look();
    world.direct({ type: 'pause' });
    for (const index of [0, 1]) world.taskOf(index).status = 'completed';
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'paused', counts: { completed: 2, waiting: 4 } });
    world.direct({ type: 'resume' });
    world.look();
    expect(world.rollout().counts).toEqual({ completed: 2, queued: 2, waiting: 2 });
    world.taskOf(2).status = 'running';
    world.direct({ type: 'cancel', running: 'finish' });
    world.look();
    expect([2, 3].map((index) => world.taskOf(index).status)).toEqual(['running', 'cancelled']);
    world.direct({ type: 'cancel', running: 'cancel' });
    world.look();
    world.look();
    expect(world.rollout()).toMatchObject({ status: 'cancelled', endedAtMs: world.nowMs });
    expect(world.rollout().counts).toEqual({ completed: 2, cancelled: 2, waiting: 2 });
    expect(isRolloutSettled(world.rollout())).toBe(true);
    expect(world.direct({ type: 'resume' })).toHaveProperty('refusal');
  });
});

describe('batches', () => {
  it.each([
    [[1, '10%', '50%'], 500, [1, 50, 250, 199]],
    [[1], 3, [1, 1, 1]],
    [['100%'], 3, [3]],
    [['1%'], 3, [1, 1, 1]],
    [[50], 0, []],
  ] as const)('%j of %i hosts', (batches, hosts, sizes) => {
    expect(batchSizes([...batches], hosts)).toEqual(sizes);
  });
});

const batchArbitrary = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('10%', '50%', '100%'));
const requestArbitrary = fc.record({
  batches: fc.array(batchArbitrary, { minLength: 1, maxLength: 3 }),
  maxFailures: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('0%', '50%')),
  offline: fc.constantFrom('skip', 'fail', 'wait'),
  offlineWaitSeconds: fc.constantFrom(0, 5),
  approval: fc.constantFrom('before', 'between', undefined),
  between: fc.record({
    waitSeconds: fc.constantFrom(0, 3),
    healthy: fc.boolean(),
    check: fc.constantFrom({ action: 'web.check', params: {} }, undefined),
  }),
}) as fc.Arbitrary<Partial<RolloutRequest>>;

const eventArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('look'), diesAfter: fc.constantFrom(0, 1, 99) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('task'), pick: fc.nat(), fails: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('host'), pick: fc.nat(), isOffline: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('person'),
      direction: fc.constantFrom<Direction>(
        ...[{ type: 'pause' } as const, { type: 'resume' } as const, { type: 'retry_failed' } as const],
        ...[{ type: 'cancel', running: 'finish' } as const, { type: 'cancel', running: 'cancel' } as const],
        { type: 'approve', subject: 'x grace', credentialId: 'x', role: 'operator' },
      ),
    }),
  },
);

/**
 * Returns the hosts that have two open tasks, or began the action more often than they were told.
 */
const doubled = ({ hosts, tasks }: ReturnType<typeof createWorld>, retries: number): readonly HostId[] =>
  hosts.filter((host) => {
    const own = [...tasks.values()].filter((task) => task.host === host);
    const open = own.filter(({ status }) => status === 'queued' || status === 'running');
    return open.length > 1 || own.filter(({ of }) => of === 'action').length > 1 + retries;
  });

it('begins no host twice, in no wrong order, none after it has stopped, and always ends or says what it waits for', () => {
  fc.assert(
    fc.property(
      requestArbitrary,
      fc.integer({ min: 1, max: 8 }),
      fc.array(eventArbitrary, { maxLength: 60 }),
      (request, count, events) => {
        const world = createWorld(request, count);
        const allowed = failuresAllowed(world.rollout().request.maxFailures, count);
        let retries = 0;
        for (const event of events) {
          const before = world.rollout();
          const made = world.tasks.size;
          if (event.type === 'look') {
            world.look(event.diesAfter);
            checkOrder(world.rollout());
            if (isRolloutOver(before.status)) expect(world.tasks.size).toBe(made);
            const failed = before.hosts.filter(({ status }) => status === 'failed' || status === 'cancelled');
            if (failed.length > allowed) expect(world.tasks.size).toBe(made);
          } else if (event.type === 'task') {
            const task = [...world.tasks.values()][event.pick % Math.max(1, made)];
            if (task?.status === 'running') task.status = event.fails ? 'failed' : 'completed';
            else if (task?.status === 'queued') task.status = 'running';
          } else if (event.type === 'host') {
            const host = world.hosts[event.pick % count] as HostId;
            world.readiness.set(host, event.isOffline ? { type: 'offline' } : READY);
          } else {
            const directed = world.direct(event.direction);
            if (event.direction.type === 'retry_failed' && 'rollout' in directed) retries += 1;
          }
          world.nowMs += 500;
          expect(doubled(world, retries)).toEqual([]);
        }
        world.settle();
        const { status, reason } = world.rollout();
        const waits = status === 'paused' || status === 'waiting_for_approval' || reason !== null;
        expect(isRolloutSettled(world.rollout()) || waits).toBe(true);
        if (status === 'completed') expect(world.rollout().counts).not.toHaveProperty('waiting');
      },
    ),
    { numRuns: 300 },
  );
});

/** No host of a later batch has begun while one of an earlier batch has not. */
function checkOrder({ hosts, batch }: Rollout): void {
  for (const host of hosts) {
    if (host.batch > batch) expect(['waiting', 'skipped', 'failed']).toContain(host.status);
  }
}
