import type { HostId, Registration } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { type StartBus, startFleet } from './bus-under-test.ts';
import { HOST } from './sample-factory.ts';

export function describeRegistrations(startBus: StartBus): void {
  describe('registrations', () => {
    const registration: Registration = {
      label: null,
      labels: {},
      firstSeenAtMs: 50,
      lastSeenAtMs: 60,
      status: 'active',
    };
    const registered = async (...steps: Registration[]) => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      for (const step of steps) await hub.fleet.register(new Map([[HOST, step]]));
      const registrations = await hub.fleet.readRegistrations();
      await using late = await startFleet(bus);
      expect(late.received.catchUps[0]?.registrations).toEqual(registrations);
      return registrations;
    };

    it('are kept for hubs that start later', async () => {
      expect(await registered(registration)).toEqual(new Map([[HOST, registration]]));
    });

    it('keep a label that is stored, and take one where there is none', async () => {
      const named = await registered(
        registration,
        { ...registration, label: 'web' },
        { ...registration, label: 'db' },
      );
      expect(named.get(HOST)?.label).toBe('web');
    });

    it('keep labels that are stored, and take them where there are none', async () => {
      const labelled = (labels: Registration['labels']) => ({ ...registration, labels });
      const kept = await registered(labelled({ role: 'db' }), labelled({ role: 'web' }), labelled({}));
      expect(kept.get(HOST)?.labels).toEqual({ role: 'db' });
      const none = await registered(labelled({}), labelled({ role: 'web' }));
      expect(none.get(HOST)?.labels).toEqual({});
    });

    it('keep the earliest first and the latest last sight, and take the given status', async () => {
      const unseen: Registration = {
        label: null,
        labels: {},
        firstSeenAtMs: null,
        lastSeenAtMs: null,
        status: 'pending',
      };
      const earlier: Registration = { ...registration, firstSeenAtMs: 40, lastSeenAtMs: 55 };
      const later: Registration = {
        ...registration,
        firstSeenAtMs: 1_795_000_000_123,
        lastSeenAtMs: 1_795_000_000_124,
      };
      const merged = await registered(unseen, registration, earlier, later, { ...unseen, status: 'offline' });
      expect(merged.get(HOST)).toEqual({
        label: null,
        labels: {},
        firstSeenAtMs: 40,
        lastSeenAtMs: 1_795_000_000_124,
        status: 'offline',
      });
    });

    it('can be many', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      const many = new Map(
        Array.from({ length: 2500 }, (_, index) => [
          `host-${index}` as HostId,
          { ...registration, lastSeenAtMs: index },
        ]),
      );
      await hub.fleet.register(many);
      expect(await hub.fleet.readRegistrations()).toEqual(many);
    });
  });
}
