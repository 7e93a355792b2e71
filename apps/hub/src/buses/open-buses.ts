import type {
  AccessBus,
  AlertBus,
  FleetBus,
  FleetListener,
  HookBus,
  LeaseBus,
  OutboxBus,
  RolloutBus,
  ScheduleBus,
  SecretBus,
  TaskBus,
} from '@booner/bus';
import type { RedisEnroller } from '@booner/bus/redis/enroller';
import type { Sampler } from '@booner/sampler';
import type { Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import type { LocalAgent } from './local-agent.ts';

/** The buses that a hub shares with agents, runners and other hubs. */
export type Buses = AsyncDisposable & {
  /** Starts receiving samples. */
  startFleet(listener: FleetListener): Promise<FleetBus>;
  readonly tasks: TaskBus;
  readonly access: AccessBus;
  /** Decides which hub works for a host where only one may. */
  readonly leases: LeaseBus;
  readonly alerts: AlertBus;
  /** Notifications on their way out. */
  readonly outbox: OutboxBus;
  readonly rollouts: RolloutBus;
  readonly schedules: ScheduleBus;
  readonly hooks: HookBus;
  /** Secrets of actions, sealed for the runners of targets. */
  readonly secrets: SecretBus;
  /** Creates and removes the Redis users of hosts; `null`: this hub does not. */
  readonly enroller: RedisEnroller | null;
  /**
   * Creates the agent of the hub's machine, which publishes the samples of `sampler`. `null` with
   * Redis, where an agent is a service of its own.
   */
  createLocalAgent(sampler: Sampler): LocalAgent | null;
  /**
   * Starts the runner of the hub's machine. With Redis it is a service of its own: does nothing.
   */
  startLocalRunner(): Promise<AsyncDisposable>;
};

export type BusesDeps = { readonly config: HubConfig; readonly version: string; readonly log: Logger };

/**
 * Opens the buses that the settings name: in Redis, or in this process (embedded mode). Returns
 * before connections are made.
 * @throws BusError for bad Redis settings
 */
export async function openBuses({ config, version, log }: BusesDeps): Promise<Buses> {
  if (config.redis === null) {
    const { openMemoryBuses } = await import('./memory-buses.ts');
    return openMemoryBuses({ config, version, log });
  }
  const { openRedisBuses } = await import('./redis-buses.ts');
  const { redis, enroller, intervalMs } = config;
  return openRedisBuses({ redis, enroller, intervalMs, log });
}
