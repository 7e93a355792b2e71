import type { HostId, Inventory, Registration } from '@booner/protocol';
import { metricsChannel } from '@booner/protocol/redis-names';
import { BusError } from '../bus-error.ts';
import { mergeRegistration } from '../merge-registration.ts';
import type { BusConnection, FleetBus, FleetListener, SamplePublisher, StoredTarget } from '../ports.ts';
import { type Reading, readInventory, readMetricsMessage, readStoredSample } from '../stored-values.ts';

/** A bus inside one process: the mode without Redis. Holds the last value of each target as long as it lives. */
export type MemoryBus = {
  startPublisher(host: HostId): SamplePublisher;
  startFleet(listener: FleetListener): FleetBus;
};

type Target = { sample?: Buffer; inventory?: Buffer };

/**
 * Makes a bus in memory. Values pass through it as JSON and are judged as those of Redis are, so that reader and writer never share an
 * object. What is published is delivered in its order, in a microtask: never inside the call of `publish`, nor inside
 * another delivery.
 */
export function createMemoryBus(): MemoryBus {
  const targets = new Map<HostId, Target>();
  const registrations = new Map<HostId, Registration>();
  const deliveries = new Set<(channel: string, payload: Buffer) => void>();

  const targetOf = (host: HostId): Target => {
    const target = targets.get(host) ?? {};
    targets.set(host, target);
    return target;
  };
  const announce = (host: HostId, payload: Buffer) => {
    queueMicrotask(() => {
      for (const deliver of deliveries) deliver(metricsChannel(host), payload);
    });
  };

  const startPublisher = (host: HostId): SamplePublisher => {
    const life = startLife();
    return {
      connection: life.connection,
      publish: async (sample) => {
        if (life.ended()) return 'dropped';
        const payload = encode(sample);
        targetOf(host).sample = payload;
        announce(host, payload);
        return 'published';
      },
      describe: (inventory) => {
        if (!life.ended()) targetOf(host).inventory = encode(inventory);
      },
      bye: async (instance) => {
        if (!life.ended()) announce(host, encode({ type: 'bye', instance }));
      },
      [Symbol.asyncDispose]: async () => life.end(),
    };
  };

  const startFleet = (listener: FleetListener): FleetBus => {
    const life = startLife();
    const accept = <T>(reading: Reading<T>): T | null => {
      if (reading.ok) return reading.value;
      listener.onRejected(reading.rejection);
      return null;
    };
    const deliver = (channel: string, payload: Buffer) => {
      const heard = accept(readMetricsMessage(channel, payload));
      if (heard?.message.type === 'sample') listener.onSample(heard.message, heard.json);
      else if (heard?.message.type === 'bye') listener.onBye(heard.host, heard.message);
    };
    const readTarget = ([host, { sample, inventory }]: [HostId, Target]): StoredTarget => ({
      host,
      sample: sample === undefined ? null : accept(readStoredSample(host, sample)),
      inventory: inventory === undefined ? null : accept(readInventory(host, inventory)),
    });
    const alive = () => {
      if (life.ended()) throw new BusError('disconnected', 'stopped');
    };
    queueMicrotask(() => {
      if (life.ended()) return;
      deliveries.add(deliver);
      listener.onConnection(life.connection());
      listener.onCatchUp([...targets].map(readTarget), new Map(registrations));
    });
    return {
      connection: life.connection,
      lastEchoAgeMs: () => (life.ended() ? null : 0),
      readInventories: async (hosts) => {
        alive();
        const inventories = new Map<HostId, Inventory>();
        for (const host of hosts) {
          const stored = targets.get(host)?.inventory;
          const inventory = stored === undefined ? null : accept(readInventory(host, stored));
          if (inventory !== null) inventories.set(host, inventory);
        }
        return inventories;
      },
      readRegistrations: async () => {
        alive();
        return new Map(registrations);
      },
      register: async (given) => {
        alive();
        for (const [host, registration] of given) {
          registrations.set(host, mergeRegistration(registrations.get(host), registration));
        }
      },
      [Symbol.asyncDispose]: async () => {
        life.end();
        deliveries.delete(deliver);
      },
    };
  };
  return { startPublisher, startFleet };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));

/** The connection of one user of the bus: there from the start until it is disposed of. */
function startLife() {
  let connection: BusConnection = { state: 'connected', sinceMs: Date.now() };
  return {
    connection: () => connection,
    ended: () => connection.state === 'disconnected',
    end: () => {
      connection = { state: 'disconnected', sinceMs: Date.now(), reason: 'stopped' };
    },
  };
}
