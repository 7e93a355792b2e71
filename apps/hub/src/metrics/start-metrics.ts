import type { LeaseBus } from '@booner/bus';
import type { MiddlewareHandler } from 'hono';
import type { Feature } from '../feature/feature.ts';
import type { Metric } from '../feature/metric.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { createRequestDurations } from '../http/request-durations.ts';
import { LIMITS } from '../ws/account.ts';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { metricsRoutes } from './metrics-routes.ts';

export type MetricsDeps = {
  readonly version: string;
  /** Features whose metrics are shown. */
  readonly features: readonly Feature[];
  readonly readableOf: ReadableOf;
  /** Number of open TCP connections. */
  readonly connections: () => number;
  readonly supervisor: Pick<SocketSupervisor, 'limitsReached'>;
  readonly leases: Pick<LeaseBus, 'held'>;
  /** Returns true while the bus is connected. */
  readonly isConnected: () => boolean;
};

export type MetricsFeature = Feature & {
  /** Measures requests. MUST come before all other middleware. */
  readonly measure: MiddlewareHandler;
};

/** Starts `GET /metrics`: metrics of the process, the hub, and each feature. */
export function startMetrics({
  version,
  features,
  readableOf,
  connections,
  supervisor,
  leases,
  isConnected,
}: MetricsDeps): MetricsFeature {
  const { histogram: recorded, measure } = createRequestDurations();
  const hub: readonly Metric[] = [
    {
      type: 'gauge',
      name: 'booner_hub_info',
      help: 'Version of the hub',
      label: 'version',
      read: () => [[version, 1]],
    },
    {
      type: 'gauge',
      name: 'booner_hub_bus_connected',
      help: '1 while the bus is connected',
      read: () => (isConnected() ? 1 : 0),
    },
    {
      type: 'gauge',
      name: 'booner_hub_leases',
      help: 'Shards of hosts, of 64, for which this hub does the work that must happen once',
      read: () => leases.held().length,
    },
    { type: 'gauge', name: 'booner_hub_connections', help: 'Open TCP connections', read: connections },
    {
      type: 'counter',
      name: 'booner_hub_stream_limits_total',
      help: 'Times that a credential was held to a limit of its streams',
      label: 'limit',
      read: () => LIMITS.map((limit) => [limit, supervisor.limitsReached.get(limit) ?? 0] as const),
    },
    { type: 'recorded', recorded },
  ];
  return {
    measure,
    routes: metricsRoutes({
      metrics: [...hub, ...features.flatMap(({ metrics = [] }) => metrics)],
      readableOf,
    }),
  };
}
