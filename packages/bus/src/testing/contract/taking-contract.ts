import type { Enrolment, OidcTransaction, Sha256 } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import type { AccessBus } from '../../access-ports.ts';
import type { StartHubs } from './access-bus-under-test.ts';
import { makeCredential, makeHash } from './access-factory.ts';
import { HOST } from './sample-factory.ts';

const TICKET = { credentialId: 'Abcdefgh-_12' };
const ENROLMENT: Enrolment = {
  host: HOST,
  label: 'game server "Überlingen"',
  withTasks: true,
  createdAtMs: 1,
  expiresAtMs: 2,
  createdBy: 'ops',
  salt: 's'.repeat(43),
  credentialId: null,
  replace: false,
};
const OIDC: OidcTransaction = {
  verifier: 'v'.repeat(43),
  nonce: 'n',
  redirectUri: 'http://localhost:8000/auth/oidc/callback',
  returnTo: '/dashboard/',
  isAgain: false,
};

type Kind = {
  readonly value: unknown;
  put(hub: AccessBus, hash: Sha256, ttlMs: number): Promise<void>;
  take(hub: AccessBus, hash: Sha256): Promise<unknown>;
};

const KINDS: [string, Kind][] = [
  [
    'a ticket',
    {
      value: TICKET,
      put: (hub, hash, ttlMs) => hub.putTicket(hash, TICKET, ttlMs),
      take: (hub, hash) => hub.takeTicket(hash),
    },
  ],
  [
    'an enrolment',
    {
      value: ENROLMENT,
      put: (hub, hash, ttlMs) => hub.putEnrolment(hash, ENROLMENT, ttlMs),
      take: (hub, hash) => hub.takeEnrolment(hash),
    },
  ],
  [
    'a sign-in under way',
    {
      value: OIDC,
      put: (hub, hash, ttlMs) => hub.putOidc(hash, OIDC, ttlMs),
      take: (hub, hash) => hub.takeOidc(hash),
    },
  ],
];

export function describeTakingContract(start: StartHubs): void {
  it.each(KINDS)('%s is given to one of fifty callers', async (_, { value, put, take }) => {
    await using bus = await start(2);
    const hash = makeHash();
    await put(bus.hub, hash, 30_000);
    expect(await take(bus.hub, makeHash())).toBeNull();
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, index) => take(bus.hubs[index % 2]!, hash)),
    );
    expect(taken.filter((one) => one !== null)).toEqual([value]);
    expect(await take(bus.hub, hash)).toBeNull();
  });

  it.each(KINDS)('%s expires', async (_, { value, put, take }) => {
    await using bus = await start();
    const [short, long] = [makeHash(), makeHash()];
    await put(bus.hub, short, 20);
    await put(bus.hub, long, 60_000);
    const probes = Array.from({ length: 50 }, makeHash);
    // A take removes the value, so each look needs a value of its own, stored before the short one
    // expired.
    for (const probe of probes) await put(bus.hub, probe, 20);
    await eventually(async () => (await take(bus.hub, probes.pop()!)) === null, {
      what: 'the expiry',
    });
    expect(await take(bus.hub, short)).toBeNull();
    expect(await take(bus.hub, long)).toEqual(value);
  });

  it('a link is given to one of fifty callers, and what it made stays', async () => {
    await using bus = await start(2);
    const token = makeCredential();
    const link = makeCredential({ kind: 'link', parentId: token.id });
    const [hash, session] = [makeHash(), makeHash()];
    await bus.hub.putCredential(makeHash(), token);
    await bus.hub.putCredential(hash, link);
    await bus.hub.putCredential(session, makeCredential({ kind: 'session', parentId: link.parentId }));
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, index) => bus.hubs[index % 2]!.takeCredential(hash)),
    );
    expect(taken.filter((one) => one !== null)).toEqual([link]);
    await bus.hub.refresh();
    expect(bus.hub.credentials().has(hash)).toBe(false);
    expect(bus.hub.credentials().has(session)).toBe(true);
  });

  it('a token is never taken', async () => {
    await using bus = await start();
    const hash = makeHash();
    await bus.hub.putCredential(hash, makeCredential({ kind: 'token', name: '{"kind":"link"}' }));
    expect(await bus.hub.takeCredential(hash)).toBeNull();
    expect(await bus.hub.takeCredential(makeHash())).toBeNull();
    expect(bus.hub.credentials().has(hash)).toBe(true);
  });
}
