import {
  type Backfill,
  type BackfillRequest,
  type HostId,
  type Inventory,
  MAX_LABELS,
  type Registration,
  registrationSchema,
} from '@booner/protocol';
import type { AccessBus } from '../access-ports.ts';
import type { AlertBus } from '../alert-ports.ts';
import { joinRequests } from '../join-requests.ts';
import type { LeaseBus } from '../lease-ports.ts';
import { mergeRegistration } from '../merge-registration.ts';
import type { OutboxBus } from '../outbox-ports.ts';
import type { FleetBus, FleetListener, SamplePublisher, StoredTarget } from '../ports.ts';
import type { HookBus, ScheduleBus } from '../record-ports.ts';
import type { RolloutBus } from '../rollout-ports.ts';
import type { SecretBus } from '../secret-ports.ts';
import { accept, readInventory, readMetricsMessage, readStoredSample, reject } from '../stored-values.ts';
import type { RunnerBus, TaskBus } from '../task-ports.ts';
import { createAccessState } from './access-state.ts';
import { createAlertState } from './alert-state.ts';
import { type MemoryAccessOptions, startMemoryAccess } from './memory-access.ts';
import { type MemoryAlertsOptions, startMemoryAlerts } from './memory-alerts.ts';
import { createHookState, startMemoryHooks } from './memory-hooks.ts';
import { createLeaseState, startMemoryLeases } from './memory-leases.ts';
import { type MemoryOutboxOptions, startMemoryOutbox } from './memory-outbox.ts';
import { createRecordState, type MemoryRecordsOptions, startMemorySchedules } from './memory-records.ts';
import { type MemoryRolloutsOptions, startMemoryRollouts } from './memory-rollouts.ts';
import { type MemoryRunnerOptions, startMemoryRunner } from './memory-runner.ts';
import { startMemoryScope } from './memory-scope.ts';
import { createSecretState, type MemorySecretsOptions, startMemorySecrets } from './memory-secrets.ts';
import { type MemoryTasksOptions, startMemoryTasks } from './memory-tasks.ts';
import { createOutboxState } from './outbox-state.ts';
import { createRolloutState } from './rollout-state.ts';
import { createTaskState } from './task-state.ts';

/**
 * A bus inside one process, for the mode without Redis. Its data are lost when the process ends.
 */
export type MemoryBus = {
  startPublisher(host: HostId): SamplePublisher;
  startFleet(listener: FleetListener): FleetBus;
  startTasks(options?: MemoryTasksOptions): TaskBus;
  startRunner(options: MemoryRunnerOptions): RunnerBus;
  startAccess(options?: MemoryAccessOptions): AccessBus;
  startLeases(options: { readonly hub: string }): LeaseBus;
  startAlerts(options?: MemoryAlertsOptions): AlertBus;
  startOutbox(options: MemoryOutboxOptions): OutboxBus;
  startRollouts(options?: MemoryRolloutsOptions): RolloutBus;
  startSchedules(options?: MemoryRecordsOptions): ScheduleBus;
  startHooks(options?: MemoryRecordsOptions): HookBus;
  startSecrets(options?: MemorySecretsOptions): SecretBus;
};

type Target = { sample?: Buffer; inventory?: Buffer };
type AskedBackfill = { readonly request: BackfillRequest; answer: Backfill | null };

/**
 * Creates a bus in memory. Values pass through it as JSON and are parsed like those of Redis, so
 * that reader and writer never share an object. Messages are delivered in order and in a microtask:
 * never inside the call of `publish`, nor inside another delivery.
 */
export function createMemoryBus(): MemoryBus {
  const targets = new Map<HostId, Target>();
  const registrations = new Map<HostId, Registration>();
  const backfills = new Map<HostId, AskedBackfill>();
  const deliveries = new Set<(host: HostId, payload: Buffer) => void>();
  const listeners = new Set<FleetListener>();

  const targetOf = (host: HostId): Target => {
    const target = targets.get(host) ?? {};
    targets.set(host, target);
    return target;
  };
  const announce = (host: HostId, payload: Buffer) => {
    queueMicrotask(() => {
      for (const deliver of deliveries) deliver(host, payload);
    });
  };

  const storeRegistration = (host: HostId, registration: Registration) => {
    registrations.set(host, registration);
    queueMicrotask(() => {
      for (const each of listeners) each.onRegistration(host, registration);
    });
  };

  const startPublisher = (host: HostId): SamplePublisher => {
    const { side, ended, use } = startMemoryScope();
    let description: Buffer | undefined;
    return {
      ...side,
      publish: async (sample) => {
        if (ended()) return 'dropped';
        const payload = encode(sample);
        const target = targetOf(host);
        target.sample = payload;
        target.inventory ??= description; // the target was removed
        announce(host, payload);
        return 'published';
      },
      describe: (inventory) => {
        if (ended()) return;
        description = encode(inventory);
        targetOf(host).inventory = description;
      },
      readBackfillRequest: use(() => {
        const asked = backfills.get(host);
        return asked?.answer === null ? asked.request : null;
      }),
      storeBackfill: use((answer) => {
        const asked = backfills.get(host);
        if (answer === null) backfills.delete(host);
        else if (asked?.request.id === answer.id) asked.answer = answer;
      }),
      bye: async (instance) => {
        if (!ended()) announce(host, encode({ type: 'bye', instance }));
      },
    };
  };

  const startFleet = (listener: FleetListener): FleetBus => {
    const { side, ended, end, use } = startMemoryScope();
    const { onRejected } = listener;
    const deliver = (host: HostId, payload: Buffer) => {
      if (!listener.accepts(host)) {
        return onRejected(reject('quarantined', host, 'the host is quarantined').rejection);
      }
      const received = accept(readMetricsMessage(host, payload), onRejected);
      if (received?.message.type === 'sample') listener.onSample(received.message, received.json);
      else if (received?.message.type === 'bye') listener.onBye(host, received.message);
    };
    const readTarget = ([host, { sample, inventory }]: [HostId, Target]): StoredTarget => ({
      host,
      sample:
        sample === undefined ? null : (accept(readStoredSample(host, sample), onRejected)?.sample ?? null),
      inventory: inventory === undefined ? null : accept(readInventory(host, inventory), onRejected),
    });
    queueMicrotask(() => {
      if (ended()) return;
      deliveries.add(deliver);
      listeners.add(listener);
      listener.onConnection(side.connection());
      listener.onCatchUp([...targets].map(readTarget), new Map(registrations));
    });
    return {
      ...side,
      lastEchoAgeMs: () => (ended() ? null : 0),
      requestEcho: () => {},
      subscriptionIssue: () => null,
      requestBackfill: use((host, request) => {
        const asked = backfills.get(host);
        const joined = joinRequests(asked?.request ?? null, request);
        if (joined !== asked?.request) backfills.set(host, { request: joined, answer: null });
        return joined;
      }),
      readBackfill: use((host, id) => {
        const asked = backfills.get(host);
        return asked?.request.id === id ? asked.answer : null;
      }),
      readInventories: use((hosts) => {
        const inventories = new Map<HostId, Inventory>();
        for (const host of hosts) {
          const stored = targets.get(host)?.inventory;
          const inventory = stored === undefined ? null : accept(readInventory(host, stored), onRejected);
          if (inventory !== null) inventories.set(host, inventory);
        }
        return inventories;
      }),
      readPasswordOffer: use(() => null),
      readRegistrations: use(() => new Map(registrations)),
      register: use((given) => {
        for (const [host, registration] of given) {
          registrations.set(host, mergeRegistration(registrations.get(host), registration));
        }
      }),
      add: use((host, label) => {
        const stored = registrations.get(host) ?? registrationSchema.parse({});
        const added = { ...stored, label: label ?? stored.label };
        storeRegistration(host, added);
        return added;
      }),
      changeLabels: use((host, changes, unstored) => {
        const stored = registrations.get(host) ?? unstored;
        if (stored === null) return { type: 'unregistered' };
        const labels = Object.entries({ ...stored.labels, ...changes }).filter(([, value]) => value !== null);
        if (labels.length > MAX_LABELS) return { type: 'too_many' };
        const registration = registrationSchema.parse({ ...stored, labels: Object.fromEntries(labels) });
        storeRegistration(host, registration);
        return { type: 'changed', registration };
      }),
      quarantine: use((host, quarantine) => {
        const stored = registrations.get(host) ?? registrationSchema.parse({});
        if (stored.quarantine !== undefined) return { isNew: false, quarantine: stored.quarantine };
        storeRegistration(host, { ...stored, quarantine });
        return { isNew: true, quarantine };
      }),
      release: use((host) => {
        const { quarantine, ...stored } = registrations.get(host) ?? registrationSchema.parse({});
        if (quarantine === undefined) return false;
        storeRegistration(host, stored);
        return true;
      }),
      remove: use((host) => {
        const wasRegistered = registrations.delete(host);
        const wasKnown = targets.delete(host);
        queueMicrotask(() => {
          for (const each of listeners) each.onRemoved(host);
        });
        return wasRegistered || wasKnown;
      }),
      [Symbol.asyncDispose]: async () => {
        end();
        deliveries.delete(deliver);
        listeners.delete(listener);
      },
    };
  };
  const rollouts = createRolloutState();
  const schedules = createRecordState();
  const hooks = createHookState();
  const secrets = createSecretState();
  const tasks = createTaskState(rollouts);
  const access = createAccessState();
  const leases = createLeaseState();
  const outbox = createOutboxState();
  const alerts = createAlertState(leases, outbox);
  return {
    startPublisher,
    startFleet,
    startTasks: (options) => startMemoryTasks(tasks, options),
    startRunner: (options) => startMemoryRunner(tasks, options),
    startAccess: (options) => startMemoryAccess(access, options),
    startLeases: (options) => startMemoryLeases(leases, options),
    startAlerts: (options) => startMemoryAlerts(alerts, options),
    startOutbox: (options) => startMemoryOutbox(outbox, options),
    startSchedules: (options) => startMemorySchedules(schedules, leases, options),
    startHooks: (options) => startMemoryHooks(hooks, leases, options),
    startSecrets: (options) => startMemorySecrets(secrets, options),
    startRollouts: (options) => startMemoryRollouts(rollouts, leases, options),
  };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
