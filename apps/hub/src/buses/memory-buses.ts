import { createMemoryBus } from '@booner/bus/memory';
import { newInstanceId } from '@booner/protocol';
import { createLocalAgent } from './local-agent.ts';
import { startLocalRunner } from './local-runner.ts';
import type { Buses, BusesDeps } from './open-buses.ts';

/** Opens buses inside this process, for embedded mode: the hub's machine is the only target. */
export function openMemoryBuses({ config, version, log }: BusesDeps): Buses {
  const { hostId: host, intervalMs, actionsDirectory, stateDirectory } = config;
  const bus = createMemoryBus();
  const hub = newInstanceId();
  const stack = new AsyncDisposableStack();
  return {
    startFleet: async (listener) => bus.startFleet(listener),
    tasks: stack.use(bus.startTasks()),
    access: stack.use(bus.startAccess()),
    leases: stack.use(bus.startLeases({ hub })),
    alerts: stack.use(bus.startAlerts()),
    outbox: stack.use(bus.startOutbox({ hub })),
    rollouts: stack.use(bus.startRollouts()),
    schedules: stack.use(bus.startSchedules()),
    hooks: stack.use(bus.startHooks()),
    secrets: stack.use(bus.startSecrets()),
    enroller: null,
    createLocalAgent: (sampler) => createLocalAgent({ bus, host, intervalMs, sampler, log }),
    startLocalRunner: () => startLocalRunner({ bus, host, actionsDirectory, stateDirectory, version, log }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
