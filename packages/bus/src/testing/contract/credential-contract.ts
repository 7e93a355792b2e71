import { expect, it } from 'vitest';
import { type StartHubs, untilSeen } from './access-bus-under-test.ts';
import { makeCredential, makeHash } from './access-factory.ts';

export function describeCredentialContract(start: StartHubs): void {
  it('are known to the hub that stored them at once, and to the others soon', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    const [hash, credential] = [
      makeHash(),
      makeCredential({ scopes: { hosts: ['10.0.0.2' as never], actions: [], reads: 'role=db' } }),
    ];
    let notified = 0;
    const stop = other.onChange(() => void notified++);
    await hub.putCredential(hash, credential);
    expect([...hub.credentials()]).toEqual([[hash, credential]]);
    await untilSeen('the other hub to know it', () => other.credentials().has(hash));
    expect([...other.credentials()]).toEqual([[hash, credential]]);
    expect(notified).toBe(1);
    stop();
    await hub.putCredential(makeHash(), makeCredential());
    await other.refresh();
    expect(other.credentials().size).toBe(2);
    expect(notified).toBe(1);
  });

  it('are replaced, not changed: an earlier map keeps its content', async () => {
    await using bus = await start();
    const hash = makeHash();
    await bus.hub.putCredential(hash, makeCredential({ name: 'first' }));
    const before = bus.hub.credentials();
    await bus.hub.putCredential(hash, makeCredential({ name: 'second' }));
    expect(before.get(hash)?.name).toBe('first');
    expect(bus.hub.credentials().get(hash)?.name).toBe('second');
  });

  it('are renewed only as long as they are there, and then have another secret', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    const [hash, newHash, credential] = [makeHash(), makeHash(), makeCredential()];
    expect(await hub.renewCredential(hash, newHash, credential)).toBe(false);
    await hub.putCredential(hash, credential);
    const renewed = { ...credential, confirmedAtMs: 5 };
    const outcomes = await Promise.all([
      hub.renewCredential(hash, newHash, renewed),
      other.renewCredential(hash, makeHash(), renewed),
    ]);
    expect([...outcomes].sort()).toEqual([false, true]);
    for (const each of bus.hubs) {
      await each.refresh();
      expect([...each.credentials().values()]).toEqual([renewed]);
      expect(each.credentials().has(hash)).toBe(false);
      expect(each.credentials().has(newHash)).toBe(outcomes[0]);
    }
    await hub.removeCredentials([credential.id]);
    expect(await other.renewCredential(newHash, hash, renewed)).toBe(false);
    await hub.refresh();
    expect(hub.credentials().size).toBe(0);
  });

  it('are removed with their children, and on every hub', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    const token = makeCredential();
    const session = makeCredential({ kind: 'session', parentId: token.id });
    const grandchild = makeCredential({ kind: 'link', parentId: session.id });
    const unrelated = makeCredential();
    for (const credential of [token, session, grandchild, unrelated])
      await hub.putCredential(makeHash(), credential);
    await untilSeen('the other hub to know all', () => other.credentials().size === 4);
    let notified = 0;
    other.onChange(() => void notified++);
    const removed = await hub.removeCredentials([token.id, 'unknown-id-x']);
    expect(new Set(removed)).toEqual(new Set([token, session, grandchild]));
    expect([...hub.credentials().values()]).toEqual([unrelated]);
    await untilSeen('the other hub to forget them', () => other.credentials().size === 1);
    expect(notified).toBeGreaterThan(0);
    expect(await hub.removeCredentials([token.id])).toEqual([]);
  });

  it('are removed by the hub that does not know of them yet, too', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    const token = makeCredential();
    await hub.putCredential(makeHash(), token);
    await hub.putCredential(makeHash(), makeCredential({ parentId: token.id }));
    expect(await other.removeCredentials([token.id])).toHaveLength(2);
  });

  it('of a parent that was removed at the same moment are none', async () => {
    await using bus = await start();
    const token = makeCredential();
    await bus.hub.putCredential(makeHash(), token);
    await bus.hub.removeCredentials([token.id]);
    const child = makeHash();
    await bus.hub.putCredential(child, makeCredential({ parentId: token.id }));
    await bus.hub.putCredential(
      makeHash(),
      makeCredential({ parentId: bus.hub.credentials().get(child)?.id ?? 'Abcdefghijkl' }),
    );
    expect(bus.hub.credentials().size).toBe(0);
    expect(await bus.hub.removeExpired(0)).toBe(2);
  });

  it('are removed once, however many hubs do it at once', async () => {
    await using bus = await start(2);
    const token = makeCredential();
    await bus.hub.putCredential(makeHash(), token);
    const calls = Array.from({ length: 10 }, (_, index) =>
      bus.hubs[index % 2]!.removeCredentials([token.id]),
    );
    expect((await Promise.all(calls)).flat()).toEqual([token]);
  });

  it('are removed only as long as one of others remains, whichever hubs remove them at once', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    for (let round = 0; round < 10; round += 1) {
      const [one, two] = [makeCredential(), makeCredential()];
      const session = makeCredential({ kind: 'session', parentId: one.id });
      for (const each of [one, two, session]) await hub.putCredential(makeHash(), each);
      await other.refresh();
      const outcomes = await Promise.all([
        hub.removeUnlessLast(one.id, [two.id]),
        other.removeUnlessLast(two.id, [one.id]),
      ]);
      expect(outcomes.filter((outcome) => outcome === 'last')).toHaveLength(1);
      const removed = outcomes.find((outcome) => outcome !== 'last');
      expect(new Set(removed)).toEqual(new Set(outcomes[0] === 'last' ? [two] : [one, session]));
      const left = outcomes[0] === 'last' ? one : two;
      for (const each of bus.hubs) {
        expect(await each.removeUnlessLast(left.id, [])).toBe('last');
        expect(
          await each.removeUnlessLast(
            left.id,
            [one.id, two.id].filter((id) => id !== left.id),
          ),
        ).toBe('last');
        expect(await each.removeUnlessLast('unknown-id-x', [left.id])).toEqual([]);
      }
      await hub.removeCredentials([left.id]);
    }
  });

  it('expire when it is asked for, with their children', async () => {
    await using bus = await start();
    const expired = makeCredential({ expiresAtMs: 1000 });
    const lasting = [makeCredential({ expiresAtMs: 1001 }), makeCredential()];
    const child = makeCredential({ parentId: expired.id, expiresAtMs: 5000 });
    for (const credential of [expired, child, ...lasting])
      await bus.hub.putCredential(makeHash(), credential);
    expect(await bus.hub.removeExpired(999)).toBe(0);
    expect(await bus.hub.removeExpired(1000)).toBe(2);
    expect(new Set(bus.hub.credentials().values())).toEqual(new Set(lasting));
  });

  it('have a first one, once', async () => {
    await using bus = await start(2);
    const attempts = Array.from({ length: 20 }, (_, index) => ({
      hub: bus.hubs[index % 2]!,
      hash: makeHash(),
      credential: makeCredential(),
    }));
    const outcomes = await Promise.all(
      attempts.map(({ hub, hash, credential }) => hub.putFirstCredential(hash, credential)),
    );
    const winners = attempts.filter((_, index) => outcomes[index]);
    expect(winners).toHaveLength(1);
    await bus.hub.refresh();
    expect([...bus.hub.credentials().keys()]).toEqual(winners.map(({ hash }) => hash));
    await bus.hub.removeCredentials([winners[0]!.credential.id]);
    expect(await bus.hub.putFirstCredential(makeHash(), makeCredential())).toBe(false);
  });

  it('have a first one in place of those that do not count, where there are no others', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    const replaced = makeCredential();
    const child = makeCredential({ kind: 'session', parentId: replaced.id });
    const kept = makeCredential();
    for (const credential of [replaced, child, kept]) await hub.putCredential(makeHash(), credential);
    const put = (by: typeof hub, hash = makeHash(), inPlaceOf: readonly string[] = [replaced.id]) =>
      by.putFirstCredential(hash, makeCredential(), inPlaceOf);
    expect(await put(other)).toBe(false);
    await hub.refresh();
    expect(new Set(hub.credentials().values())).toEqual(new Set([replaced, child, kept]));
    await hub.removeCredentials([kept.id]);
    const hashes = [makeHash(), makeHash()];
    const outcomes = await Promise.all([put(hub, hashes[0]), put(other, hashes[1])]);
    expect([...outcomes].sort()).toEqual([false, true]);
    for (const each of bus.hubs) {
      await each.refresh();
      expect([...each.credentials().keys()]).toEqual(hashes.filter((_, index) => outcomes[index]));
    }
    expect(await put(hub)).toBe(false);
    await hub.removeCredentials([...hub.credentials().values()].map(({ id }) => id));
    expect(await put(hub)).toBe(false);
  });

  it('remember their last use as long as they are there', async () => {
    await using bus = await start(2);
    const [kept, removed] = [makeCredential(), makeCredential()];
    await bus.hub.putCredential(makeHash(), kept);
    await bus.hub.putCredential(makeHash(), removed);
    await bus.hub.markUsed(
      new Map([
        [kept.id, 1000],
        [removed.id, 2000],
      ]),
    );
    await bus.hub.markUsed(new Map([[kept.id, 3000]]));
    await bus.hub.markUsed(new Map());
    expect(await bus.hubs[1]!.lastUsed()).toEqual(
      new Map([
        [kept.id, 3000],
        [removed.id, 2000],
      ]),
    );
    await bus.hub.removeCredentials([removed.id]);
    expect(await bus.hub.lastUsed()).toEqual(new Map([[kept.id, 3000]]));
    await bus.hub.markUsed(new Map([[removed.id, 4000]])); // by a hub that was not notified yet
    await bus.hub.removeExpired(0);
    expect(await bus.hub.lastUsed()).toEqual(new Map([[kept.id, 3000]]));
  });

  it('cannot be changed after the end, and are known as they were', async () => {
    await using bus = await start();
    const hash = makeHash();
    await bus.hub.putCredential(hash, makeCredential());
    await bus.hub[Symbol.asyncDispose]();
    expect(bus.hub.connection().state).toBe('disconnected');
    await expect(bus.hub.putCredential(makeHash(), makeCredential())).rejects.toMatchObject({
      code: 'disconnected',
    });
    await expect(bus.hub.refresh()).rejects.toMatchObject({ code: 'disconnected' });
    expect(bus.hub.credentials().has(hash)).toBe(true);
  });
}
