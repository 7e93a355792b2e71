import type { BusConnection, FleetBus, TaskBus } from '@booner/bus';
import type { Feature } from '../feature/feature.ts';
import { healthRoutes } from './health-routes.ts';
import { readiness } from './readiness.ts';

export type HealthDeps = {
  /**
   * Buses that the hub needs. The first one that is not connected is the reason why it is not
   * ready.
   */
  readonly buses: readonly [Pick<FleetBus, 'connection' | 'lastEchoAgeMs'>, Pick<TaskBus, 'connection'>];
  /** State that clients see, `isLoaded` once it has been read from the bus. */
  readonly loaded: readonly { readonly isLoaded: boolean }[];
  /** Features that warn. */
  readonly features: readonly Pick<Feature, 'warnings'>[];
};

export type HealthFeature = Feature & {
  isConnected(): boolean;
  /** Returns the reason why the hub is not ready, as a sentence; `null` if it is. */
  reason(): string | null;
};

/** Starts the health checks: `/healthz` and `/readyz`. */
export function startHealth({ buses, loaded, features }: HealthDeps): HealthFeature {
  const [fleet, tasks] = buses;
  const isUp = ({ state }: BusConnection) => state === 'connected';
  const ready = () =>
    readiness({
      connection: isUp(fleet.connection()) ? tasks.connection() : fleet.connection(),
      busEchoAgeMs: fleet.lastEchoAgeMs(),
      isLoaded: loaded.every(({ isLoaded }) => isLoaded),
      warnings: features.flatMap((feature) => feature.warnings?.() ?? []),
      nowMs: Date.now(),
    });
  return {
    routes: healthRoutes(ready),
    isConnected: () => buses.every((bus) => isUp(bus.connection())),
    reason: () => ready().reason,
  };
}
