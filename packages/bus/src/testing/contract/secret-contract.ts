import type { HostId } from '@booner/protocol';
import { MAX_SECRETS } from '@booner/protocol/limits';
import { describe, expect, it } from 'vitest';
import type { SealedSecret, SecretBus } from '../../secret-ports.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';
import { HOST, OTHER_HOST } from './sample-factory.ts';

/** A bus of one implementation, empty at first. */
export type SecretBusUnderTest = AsyncDisposable & { startSecrets(): Promise<SecretBus> };

const BY = { setAtMs: 1_000, setBy: 'PNYOx4KFKhAG ada@example.org' };

const sealedFor = (host: HostId, sealed = 'a.b.c.d.e'): SealedSecret => ({
  ...{ host, sealed },
  runnerKey: 'k'.repeat(43),
});

/** Describes the behaviour of every implementation of `SecretBus`. */
export function describeSecretContract(startBus: () => Promise<SecretBusUnderTest>): void {
  const start = async () => {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const secrets = resources.use(await bus.startSecrets());
    await untilConnected(secrets);
    const owned = resources.move();
    return { secrets, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startSecrets() };
    }));

  it('are set for hosts, replaced, listed without values, and removed', async () => {
    await using scene = await start();
    const { secrets } = scene;
    expect(await secrets.put('token', [sealedFor(HOST), sealedFor(OTHER_HOST)], BY)).toBe('stored');
    expect(await secrets.put('pin', [sealedFor(HOST)], BY)).toBe('stored');
    const later = { setAtMs: 2_000, setBy: null };
    expect(await secrets.put('token', [sealedFor(HOST, 'f.g.h.i.j')], later)).toBe('stored');

    const listed = (await secrets.list()).toSorted((a, b) => a.setAtMs - b.setAtMs);
    expect(listed).toHaveLength(3);
    expect(listed[2]).toEqual({ name: 'token', host: HOST, runnerKey: 'k'.repeat(43), ...later });
    expect(JSON.stringify(listed)).not.toContain('f.g.h');

    const read = await secrets.read(HOST, ['token', 'pin', 'unset']);
    expect([...read]).toEqual([
      ['token', sealedFor(HOST, 'f.g.h.i.j')],
      ['pin', sealedFor(HOST)],
    ]);
    expect((await secrets.read(OTHER_HOST, ['pin'])).size).toBe(0);
    expect((await secrets.read(HOST, [])).size).toBe(0);

    const token = { name: 'token', host: HOST };
    await secrets.remove([token, { name: 'unset', host: HOST }]);
    await secrets.remove([]);
    expect((await secrets.read(HOST, ['token'])).size).toBe(0);
    expect((await secrets.read(OTHER_HOST, ['token'])).size).toBe(1);
    expect(await secrets.list()).toHaveLength(2);
  });

  it('are bounded in number', async () => {
    await using scene = await start();
    const { secrets } = scene;
    const sealed = Array.from({ length: 500 }, (_, index) => sealedFor(`host-${index}` as HostId));
    for (let stored = 0; stored < MAX_SECRETS; stored += sealed.length)
      expect(await secrets.put(`secret-${stored}`, sealed, BY)).toBe('stored');
    expect(await secrets.put('one-more', [sealedFor(HOST)], BY)).toBe('full');
    expect(await secrets.put('secret-0', sealed, BY)).toBe('stored');
    expect((await secrets.read(HOST, ['one-more'])).size).toBe(0);
  });
}
