import type { HostIdentity } from '@booner/protocol';
import { expect, it } from 'vitest';
import type { StartHubs } from './access-bus-under-test.ts';
import { makeHash } from './access-factory.ts';
import { HOST, OTHER_HOST } from './sample-factory.ts';

export function describeIdentityContract(start: StartHubs): void {
  it('are kept by host, replaced and removed', async () => {
    await using bus = await start(2);
    const [hub, other] = [bus.hubs[0]!, bus.hubs[1]!];
    const identity: HostIdentity = { agent: makeHash(), runner: makeHash(), enrolledAtMs: 1000 };
    const agentAlone: HostIdentity = { agent: makeHash(), runner: null, enrolledAtMs: 2000 };
    expect(await hub.identities()).toEqual(new Map());
    await hub.putIdentity(HOST, identity);
    await hub.putIdentity(OTHER_HOST, identity);
    await other.putIdentity(OTHER_HOST, agentAlone);
    expect(await other.identities()).toEqual(
      new Map([
        [HOST, identity],
        [OTHER_HOST, agentAlone],
      ]),
    );
    expect(await other.removeIdentity(HOST)).toBe(true);
    expect(await hub.removeIdentity(HOST)).toBe(false);
    expect(await hub.identities()).toEqual(new Map([[OTHER_HOST, agentAlone]]));
  });
}
