import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { type HostId, hostIdSchema, newTaskId } from '@booner/protocol';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Fleet } from '../fleet/fleet.ts';
import { fleetListener } from '../fleet/watch-fleet.ts';
import { createFakeEnroller } from '../testing/fake-enroller.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { createEnrolments, type HostToAdd } from './enrolments.ts';
import { RedisUsers } from './redis-users.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const OTHER = hostIdSchema.parse('10.0.0.3');
const AGENT = `booner-agent-${HOST}`;
const RUNNER = `booner-runner-${HOST}`;
const LIFETIME_MS = 15 * 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function start() {
  const memory = createMemoryBus();
  const { log } = recordingLog();
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 0, wallMs: 0 }) });
  const bus = memory.startFleet(
    fleetListener({ fleet, observer: { onMeasured: () => {} }, onFlood: () => {}, log }),
  );
  const tasks = memory.startTasks();
  const access = memory.startAccess();
  const secrets = memory.startSecrets();
  onTestFinished(async () => {
    for (const each of [bus, tasks, access, secrets]) await each[Symbol.asyncDispose]();
  });
  const fake = createFakeEnroller();
  const users = new RedisUsers({
    access,
    enroller: fake.enroller,
    accepts: () => true,
    quarantined: () => fleet.quarantined(),
    onRemoved: () => {},
    database: 0,
    log,
  });
  const revoked = new Set<string>();
  const isCreatorActive = async (id: string | null) => id === null || !revoked.has(id);
  const enrolments = createEnrolments({
    ...{ access, bus, tasks, secrets, fleet, users, isCreatorActive },
    signal: new AbortController().signal,
  });
  await Promise.resolve(); // the fleet is loaded in a microtask
  const add = (changes: Partial<HostToAdd> = {}) =>
    enrolments.add({
      host: HOST,
      label: null,
      withTasks: true,
      replace: false,
      createdBy: 'ada@example.org',
      credentialId: null,
      ...changes,
    });
  /** Adds a host. @returns its key */
  const keyOf = async (changes: Partial<HostToAdd> = {}): Promise<string> => {
    const outcome = await add(changes);
    if (outcome.type !== 'added') throw new Error(`expected a key, got ${outcome.type}`);
    return outcome.key;
  };
  return { ...enrolments, access, add, keyOf, bus, fleet, tasks, secrets, fake, revoked };
}

describe('a host that is added', () => {
  it('is a target at once, and enrols once with its key', async () => {
    const { keyOf, enrol, identity, fleet, fake } = await start();
    const key = await keyOf({ label: 'web' });
    expect(fleet.get(HOST)?.registration.label).toBe('web');
    expect(await identity(HOST)).toEqual({ host: HOST, identity: null });
    const outcome = await enrol(key, ['agent', 'runner']);
    if (outcome.type !== 'enrolled') throw new Error(`expected an enrolment, got ${outcome.type}`);
    const { agent = '', runner = '' } = outcome.passwords;
    expect(fake.users.get(AGENT)).toContain(`#${hashSecret(agent)}`);
    expect(fake.users.get(RUNNER)).toContain(`#${hashSecret(runner)}`);
    expect(await identity(HOST)).toMatchObject({
      identity: { agent: true, runner: true, enrolledBy: 'ada@example.org', isReplacement: false },
    });
    expect(await enrol(key, ['agent'])).toEqual({ type: 'unknown_key' });
  });

  it('gets users only for the programs that it runs', async () => {
    const { keyOf, enrol, fake } = await start();
    expect(await enrol(await keyOf(), ['agent'])).toMatchObject({ type: 'enrolled' });
    expect([...fake.users.keys()]).toEqual([AGENT]);
  });

  it('gets the lines for an operator, which create the same users', async () => {
    const { add, enrol } = await start();
    const added = await add();
    if (added.type !== 'added') throw new Error(`expected a key, got ${added.type}`);
    const outcome = await enrol(added.key, ['agent', 'runner']);
    if (outcome.type !== 'enrolled') throw new Error(`expected an enrolment, got ${outcome.type}`);
    const lines = added.lines.join('\n');
    for (const password of Object.values(outcome.passwords)) {
      expect(lines).toContain(`#${hashSecret(password)}`);
      expect(lines).not.toContain(password);
    }
  });

  it('cannot enrol after 15 minutes', async () => {
    const { keyOf, enrol } = await start();
    const [early, late] = [await keyOf({ host: OTHER }), await keyOf()];
    const createdAtMs = Date.now();
    vi.setSystemTime(createdAtMs + LIFETIME_MS - 1); // not the clock of the bus, which still has the key
    expect(await enrol(early, ['agent'])).toMatchObject({ type: 'enrolled' });
    vi.setSystemTime(createdAtMs + LIFETIME_MS);
    expect(await enrol(late, ['agent'])).toEqual({ type: 'unknown_key' });
  });

  it('cannot enrol once the creator of its key is revoked', async () => {
    const { keyOf, enrol, revoked, fake } = await start();
    const credentialId = 'A'.repeat(12);
    const key = await keyOf({ credentialId });
    revoked.add(credentialId);
    expect(await enrol(key, ['agent'])).toEqual({ type: 'creator_inactive', host: HOST });
    revoked.clear();
    expect(await enrol(key, ['agent'])).toEqual({ type: 'unknown_key' });
    expect([...fake.users]).toEqual([]);
  });

  it('keeps its key if it asks for a runner that was not allowed', async () => {
    const { keyOf, enrol } = await start();
    const key = await keyOf({ withTasks: false });
    expect(await enrol(key, ['agent', 'runner'])).toEqual({ type: 'no_tasks', host: HOST });
    expect(await enrol(key, ['agent'])).toMatchObject({ type: 'enrolled' });
  });

  it('keeps its key if Redis fails', async () => {
    const { keyOf, enrol, fake } = await start();
    const key = await keyOf();
    fake.fail(true);
    await expect(enrol(key, ['agent'])).rejects.toThrow('unreachable');
    fake.fail(false);
    expect(await enrol(key, ['agent'])).toMatchObject({ type: 'enrolled' });
  });
});

describe('a host that is enrolled', () => {
  it('is replaced only on request', async () => {
    const { add, keyOf, enrol, identity } = await start();
    await enrol(await keyOf(), ['agent', 'runner']);
    expect(await add()).toEqual({ type: 'has_identity' });
    const outcome = await enrol(await keyOf({ replace: true }), ['agent']);
    expect(outcome).toMatchObject({ type: 'enrolled', isReplacement: true });
    expect(await identity(HOST)).toMatchObject({ identity: { runner: false, isReplacement: true } });
  });

  it('is not replaced with an earlier key, not even with one that may replace', async () => {
    const { keyOf, enrol } = await start();
    const [first, second] = [await keyOf(), await keyOf()];
    const replacing = await keyOf({ replace: true });
    await enrol(first, ['agent']);
    expect(await enrol(second, ['agent'])).toEqual({ type: 'has_identity', host: HOST });
    vi.advanceTimersByTime(1);
    await enrol(await keyOf({ replace: true }), ['agent']);
    expect(await enrol(replacing, ['agent'])).toEqual({ type: 'unknown_key' });
  });
});

describe('a quarantined host', () => {
  const quarantine = { sinceMs: 1, reason: 'it floods', redisLine: null };

  it('is released once, with the lines for an operator', async () => {
    const { keyOf, enrol, release, bus, fleet } = await start();
    expect(await release(HOST)).toEqual({ type: 'unknown_host' });
    await enrol(await keyOf(), ['agent']);
    expect(await release(HOST)).toEqual({ type: 'not_quarantined' });
    await bus.quarantine(HOST, quarantine);
    await Promise.resolve();
    expect(fleet.get(HOST)?.quarantine).toEqual(quarantine);
    const lines = [expect.stringMatching(`^ACL SETUSER ${AGENT} reset on #`)];
    expect(await release(HOST)).toEqual({ type: 'released', lines });
    expect(fleet.get(HOST)?.quarantine).toBeNull();
  });

  it('stays quarantined if the bus fails, and can then be released', async () => {
    const { access, keyOf, enrol, release, bus } = await start();
    await enrol(await keyOf(), ['agent']);
    await bus.quarantine(HOST, quarantine);
    vi.spyOn(access, 'identities').mockRejectedValueOnce(new Error('unreachable'));
    await expect(release(HOST)).rejects.toThrow('unreachable');
    expect(await release(HOST)).toMatchObject({ type: 'released' });
  });

  it('is released by another enrolment, which ends its former passwords', async () => {
    const { keyOf, enrol, bus, fleet } = await start();
    await enrol(await keyOf(), ['agent']);
    await bus.quarantine(HOST, quarantine);
    const key = await keyOf({ replace: true });
    expect(fleet.get(HOST)?.quarantine).toEqual(quarantine);
    expect(await enrol(key, ['agent'])).toMatchObject({ type: 'enrolled', isReplacement: true });
    expect(fleet.get(HOST)?.quarantine).toBeNull();
  });
});

describe('a host that is removed', () => {
  it('is no target any more, and loses its users and its unused keys', async () => {
    const { keyOf, enrol, remove, identity, fleet, fake } = await start();
    await enrol(await keyOf(), ['agent', 'runner']);
    const unused = await keyOf({ replace: true });
    vi.advanceTimersByTime(1);
    expect(await remove(HOST)).toEqual({ lines: [`ACL DELUSER ${AGENT} ${RUNNER}`] });
    expect(fleet.get(HOST)).toBeNull();
    expect([...fake.users]).toEqual([]);
    expect(await identity(HOST)).toEqual({ host: HOST, identity: null });
    expect(await enrol(unused, ['agent'])).toEqual({ type: 'unknown_key' });
    expect(await remove(HOST)).toBeNull();
  });

  it('loses its queued tasks, however many, and no others', async () => {
    const { keyOf, remove, tasks } = await start();
    for (const host of [HOST, OTHER]) await keyOf({ host });
    const create = (host: HostId) =>
      tasks.create({
        id: newTaskId(),
        host,
        action: 'a',
        params: {},
        offer: { params: {}, sealedParams: null },
        idempotency: null,
        maxQueued: 1000,
      });
    for (let count = 0; count < 150; count += 1) await create(HOST);
    await create(OTHER);
    await remove(HOST);
    const queued = await tasks.list({ status: 'queued', limit: 100 });
    expect(queued.tasks.map(({ host }) => host)).toEqual([OTHER]);
  });

  it('loses its secrets, and no others', async () => {
    const { keyOf, remove, secrets } = await start();
    for (const host of [HOST, OTHER]) await keyOf({ host });
    const sealed = { runnerKey: 'k'.repeat(43), sealed: 'a.b.c.d.e' };
    const put = [HOST, OTHER].map((host) => ({ host, ...sealed }));
    await secrets.put('token', put, { setAtMs: 1, setBy: null });
    await remove(HOST);
    expect((await secrets.list()).map(({ host }) => host)).toEqual([OTHER]);
  });
});
