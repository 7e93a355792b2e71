import type { AccessBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { type HostId, type HostIdentity, hostIdSchema } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFakeEnroller } from '../testing/fake-enroller.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { RedisUsers, type RedisUsersDeps } from './redis-users.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const OTHER = hostIdSchema.parse('10.0.0.3');
const AGENT = `booner-agent-${HOST}`;
const RUNNER = `booner-runner-${HOST}`;

const identityOf = (changes: Partial<HostIdentity> = {}): HostIdentity => ({
  agent: hashSecret('agent password'),
  runner: hashSecret('runner password'),
  enrolledAtMs: 1000,
  ...changes,
});

function start(deps: Partial<RedisUsersDeps> = {}) {
  const access = createMemoryBus().startAccess();
  onTestFinished(() => access[Symbol.asyncDispose]());
  const fake = createFakeEnroller();
  const { log, lines } = recordingLog();
  const removed: HostId[] = [];
  const quarantined = new Set<HostId>();
  const users = new RedisUsers({
    access,
    enroller: fake.enroller,
    accepts: () => true,
    quarantined: () => new Set(quarantined),
    onRemoved: (hosts) => void removed.push(...hosts),
    database: 0,
    log,
    ...deps,
  });
  /** Runs the checks until the end of the test. */
  const run = () => {
    const stop = new AbortController();
    const running = users.run({ signal: stop.signal });
    onTestFinished(async () => {
      stop.abort();
      await running;
    });
  };
  const names = () => [...fake.users.keys()].sort();
  return { access, users, run, names, lines, removed, quarantined, fake };
}

const untilNames = (names: () => string[], expected: readonly string[]) =>
  eventually(() => names().join() === expected.join(), { what: `the users ${expected.join()}` });

describe('the Redis users of a host', () => {
  it('are created with its identity, and removed with it', async () => {
    const { access, users, names, fake } = start();
    await users.put(HOST, identityOf());
    expect(names()).toEqual([AGENT, RUNNER]);
    expect(fake.users.get(AGENT)).toContain(`#${hashSecret('agent password')}`);
    expect((await access.identities()).get(HOST)).toEqual(identityOf());
    await users.remove(HOST);
    expect(names()).toEqual([]);
    expect((await access.identities()).get(HOST)).toMatchObject({ agent: null, runner: null });
  });

  it('are replaced with the identity: a host without a runner keeps no user of one', async () => {
    const { users, names } = start();
    await users.put(HOST, identityOf());
    await users.put(HOST, identityOf({ runner: null }));
    expect(names()).toEqual([AGENT]);
  });

  it('are removed from the bus first, so that no hub recreates them if Redis then fails', async () => {
    const { access, users, fake } = start();
    await users.put(HOST, identityOf());
    fake.fail(true);
    await expect(users.remove(HOST)).rejects.toThrow('unreachable');
    expect((await access.identities()).get(HOST)).toMatchObject({ agent: null, runner: null });
  });

  it('are created by an operator if the hub has no enroller', async () => {
    const { access, users } = start({ enroller: null });
    expect(users.applies).toBe(false);
    await users.put(HOST, identityOf());
    expect((await access.identities()).size).toBe(1);
    const [agent, runner] = users.linesToCreate(HOST, identityOf());
    expect(agent).toMatch(new RegExp(`^ACL SETUSER ${AGENT} reset on #${hashSecret('agent password')} `));
    expect(runner).toMatch(new RegExp(`^ACL SETUSER ${RUNNER} `));
    expect(users.linesToRemove(HOST)).toEqual([`ACL DELUSER ${AGENT} ${RUNNER}`]);
  });
});

describe('a running hub with an enroller', () => {
  it('creates all users at its start, and again after Redis restarted without them', async () => {
    const { access, run, names, fake } = start();
    await access.putIdentity(HOST, identityOf());
    await access.putIdentity(OTHER, identityOf({ runner: null }));
    run();
    const all = [AGENT, `booner-agent-${OTHER}`, RUNNER];
    await untilNames(names, all);
    fake.restart();
    expect(names()).toEqual([]);
    await untilNames(names, all);
  });

  it('creates them once for each connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const { access, run, lines, fake } = start();
    await access.putIdentity(HOST, identityOf());
    run();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(lines).toHaveLength(1);
    fake.restart();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(lines).toHaveLength(2);
  });

  it('restores identities and users to a Redis that lost its data', async () => {
    const { access, run, names, fake, lines } = start();
    await access.putIdentity(HOST, identityOf());
    run();
    await untilNames(names, [AGENT, RUNNER]);
    await access.removeIdentity(HOST);
    fake.restart();
    await untilNames(names, [AGENT, RUNNER]);
    expect((await access.identities()).get(HOST)).toEqual(identityOf());
    expect(lines.map(({ message }) => message)).toContain(
      'Redis lost the identities of hosts: restoring them',
    );
  });

  it('does not create the users of a host that another hub has just removed', async () => {
    let access: AccessBus | undefined;
    const fake = createFakeEnroller();
    const enroller: typeof fake.enroller = {
      ...fake.enroller,
      setUsers: async (users) => {
        await access?.putIdentity(HOST, identityOf({ agent: null, runner: null }));
        await fake.enroller.setUsers(users);
      },
    };
    const world = start({ enroller });
    access = world.access;
    await access.putIdentity(HOST, identityOf());
    await access.putIdentity(OTHER, identityOf({ runner: null }));
    world.run();
    await untilNames(() => [...fake.users.keys()], [`booner-agent-${OTHER}`]);
  });

  it('removes identities that it does not accept, and reports their hosts', async () => {
    const { access, run, names, removed } = start({
      accepts: ({ madeWithoutSignIn = false }) => !madeWithoutSignIn,
    });
    await access.putIdentity(HOST, identityOf());
    await access.putIdentity(OTHER, identityOf({ madeWithoutSignIn: true }));
    run();
    await untilNames(names, [AGENT, RUNNER]);
    expect(removed).toEqual([OTHER]);
    expect((await access.identities()).get(OTHER)).toMatchObject({ agent: null, runner: null });
  });

  it('removes the users of a host while it is quarantined, also when Redis has them in its aclfile', async () => {
    const { access, run, names, quarantined, fake } = start();
    await access.putIdentity(HOST, identityOf());
    await access.putIdentity(OTHER, identityOf({ runner: null }));
    const all = [AGENT, `booner-agent-${OTHER}`, RUNNER];
    run();
    await untilNames(names, all);
    quarantined.add(HOST);
    await untilNames(names, [`booner-agent-${OTHER}`]);
    fake.restart();
    fake.users.set(AGENT, []);
    await untilNames(names, [`booner-agent-${OTHER}`]);
    quarantined.delete(HOST);
    await untilNames(names, all);
    expect(fake.users.get(AGENT)).toContain(`#${hashSecret('agent password')}`);
  });

  it('creates no users until it knows which hosts are quarantined', async () => {
    let known: ReadonlySet<HostId> | null = null;
    const { access, run, names, fake } = start({ quarantined: () => known });
    await access.putIdentity(HOST, identityOf());
    await access.putIdentity(OTHER, identityOf({ runner: null }));
    fake.users.set(AGENT, []);
    run();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(names()).toEqual([AGENT]);
    known = new Set([HOST]);
    await untilNames(names, [`booner-agent-${OTHER}`]);
  });

  it('retries after a failure', async () => {
    const { access, run, names, lines, fake } = start();
    await access.putIdentity(HOST, identityOf());
    fake.fail(true);
    run();
    await eventually(() => lines.some(({ message }) => message.includes('cannot be created')), {
      what: 'the failure in the log',
    });
    fake.fail(false);
    await untilNames(names, [AGENT, RUNNER]);
  });
});
