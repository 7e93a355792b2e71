import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { type HostIdentity, type HostRole, hostIdSchema, type PasswordOffer } from '@booner/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createFakeEnroller } from '../testing/fake-enroller.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { RedisUsers } from './redis-users.ts';
import { type RotationDeps, rotatePasswords } from './rotate-passwords.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const hashOf = (name: string) => hashSecret(name);
const IDENTITY: HostIdentity = { agent: hashOf('agent 1'), runner: hashOf('runner 1'), enrolledAtMs: 1000 };
const OFFERS = {
  agent: { current: hashOf('agent 1'), next: hashOf('agent 2') },
  runner: { current: hashOf('runner 1'), next: hashOf('runner 2') },
};

type World = {
  identity?: HostIdentity | null;
  hasEnroller?: boolean;
  offers?: Partial<Record<HostRole, PasswordOffer | null>>;
  /** Programs that log in with a new password. */
  takesUp?: readonly HostRole[];
  status?: 'active' | 'offline';
  quarantine?: object | null;
  hasRunner?: boolean;
};

/** A host as a hub sees it; it changes its offer as soon as a user has its next password. */
async function start(world: World = {}) {
  const { identity = IDENTITY, hasEnroller = true, takesUp = ['agent', 'runner'] } = world;
  const access = createMemoryBus().startAccess();
  onTestFinished(() => access[Symbol.asyncDispose]());
  if (identity !== null) await access.putIdentity(HOST, identity);
  const fake = createFakeEnroller();
  const users = new RedisUsers({
    access,
    enroller: hasEnroller ? fake.enroller : null,
    accepts: () => true,
    quarantined: () => new Set(),
    onRemoved: () => {},
    database: 0,
    log: recordingLog().log,
  });
  if (identity !== null) await users.put(HOST, identity);
  const offerOf = (role: HostRole): PasswordOffer | null => {
    const offer = world.offers?.[role] === undefined ? OFFERS[role] : world.offers[role];
    const isUsed = fake.users.get(`booner-${role}-${HOST}`)?.includes(`#${offer?.next}`);
    return isUsed && takesUp.includes(role)
      ? { current: offer?.next ?? hashOf(''), next: hashOf(`${role} 3`) }
      : offer;
  };
  const stopping = new AbortController();
  const deps = {
    access,
    users,
    bus: { readPasswordOffer: async () => offerOf('agent') },
    tasks: {
      readRunner: async () =>
        world.hasRunner === false ? null : { presence: { passwords: offerOf('runner') ?? undefined } },
    },
    fleet: { get: () => ({ status: world.status ?? 'active', quarantine: world.quarantine ?? null }) },
    signal: stopping.signal,
  } as unknown as RotationDeps;
  return { rotate: () => rotatePasswords(HOST, deps), access, users: fake.users, stopping };
}

describe('a rotation', () => {
  it('gives the users of a host the passwords that it offers', async () => {
    const { rotate, access, users } = await start();
    const outcome = await rotate();
    expect(outcome).toMatchObject({ type: 'rotated', roles: ['agent', 'runner'] });
    expect(users.get(`booner-agent-${HOST}`)).toContain(`#${hashOf('agent 2')}`);
    expect(users.get(`booner-runner-${HOST}`)).toContain(`#${hashOf('runner 2')}`);
    const identity = (await access.identities()).get(HOST);
    expect(identity).toMatchObject({
      agent: hashOf('agent 2'),
      runner: hashOf('runner 2'),
      enrolledAtMs: 1000,
    });
    expect(identity?.rotatedAtMs).toBe(outcome.type === 'rotated' ? outcome.passwordsSinceMs : null);
  });

  it('leaves out a program that the host does not have', async () => {
    const { rotate, users } = await start({ identity: { ...IDENTITY, runner: null }, hasRunner: false });
    expect(await rotate()).toMatchObject({ type: 'rotated', roles: ['agent'] });
    expect([...users.keys()]).toEqual([`booner-agent-${HOST}`]);
  });

  it.each<[string, World, object]>([
    ['without an enroller', { hasEnroller: false }, { type: 'no_enroller' }],
    ['that is not enrolled', { identity: null }, { type: 'not_enrolled' }],
    ['that was removed', { identity: { ...IDENTITY, agent: null, runner: null } }, { type: 'not_enrolled' }],
    ['that is quarantined', { quarantine: {} }, { type: 'quarantined' }],
    ['whose agent is silent', { status: 'offline' }, { type: 'silent', role: 'agent' }],
    ['whose runner is silent', { hasRunner: false }, { type: 'silent', role: 'runner' }],
    ['whose agent offers nothing', { offers: { agent: null } }, { type: 'no_offer', role: 'agent' }],
    ['whose runner offers nothing', { offers: { runner: null } }, { type: 'no_offer', role: 'runner' }],
    [
      'whose offer is for another password',
      { offers: { agent: { current: hashOf('stolen'), next: hashOf('agent 2') } } },
      { type: 'no_offer', role: 'agent' },
    ],
  ])('changes nothing of a host %s', async (_name, world, outcome) => {
    const { rotate, access, users } = await start(world);
    const before = [new Map(users), await access.identities()];
    expect(await rotate()).toEqual(outcome);
    expect([users, await access.identities()]).toEqual(before);
  });

  describe('that a host does not take up', () => {
    const useFakeTime = () => {
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
    };

    it('is undone: the old passwords are valid again', async () => {
      const { rotate, access, users } = await start({ takesUp: ['agent'] });
      useFakeTime();
      const outcome = rotate();
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await outcome).toEqual({ type: 'not_taken_up', role: 'runner' });
      expect((await access.identities()).get(HOST)).toEqual(IDENTITY);
      expect(users.get(`booner-agent-${HOST}`)).toContain(`#${hashOf('agent 1')}`);
    });

    it('stays if the host was enrolled again meanwhile', async () => {
      const { rotate, access } = await start({ takesUp: [] });
      useFakeTime();
      const outcome = rotate();
      await vi.advanceTimersByTimeAsync(1000);
      const again = { agent: hashOf('again'), runner: null, enrolledAtMs: 2000 };
      await access.putIdentity(HOST, again);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(await outcome).toMatchObject({ type: 'not_taken_up' });
      expect((await access.identities()).get(HOST)).toEqual(again);
    });

    it('stays if the hub stops: the host still may', async () => {
      const { rotate, access, stopping } = await start({ takesUp: [] });
      const outcome = rotate();
      setTimeout(() => stopping.abort(), 50);
      await expect(outcome).rejects.toMatchObject({ code: 'disconnected' });
      expect((await access.identities()).get(HOST)).toMatchObject({ agent: hashOf('agent 2') });
    });
  });
});
