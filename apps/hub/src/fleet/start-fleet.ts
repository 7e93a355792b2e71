import type { FleetBus } from '@booner/bus';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import type { ServiceManager } from '@booner/service/service-manager';
import type { AuditLog } from '../access/audit-log.ts';
import { principalOf } from '../access/principal.ts';
import type { Buses } from '../buses/open-buses.ts';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import type { SocketSupervisor } from '../ws/socket-supervisor.ts';
import { type StreamEndpoint, streamEndpoint } from '../ws/stream-endpoint.ts';
import { Fleet } from './fleet.ts';
import { fleetMetrics } from './fleet-metrics.ts';
import { labelRoutes } from './label-routes.ts';
import type { FleetObserver } from './measured.ts';
import { quarantineFloods } from './quarantine-floods.ts';
import { createReadableBy, type ReadableBy, type ReadableOf } from './read-scopes.ts';
import { runRegistrar } from './registrar.ts';
import { startMainServer } from './start-main-server.ts';
import { statusRoutes } from './status-routes.ts';
import { StatusStream } from './status-stream.ts';
import { fleetListener, runStatusUpdates } from './watch-fleet.ts';

/** A broadcast that is this late is taken for hung: the service manager restarts the hub. */
const HUNG_AFTER_MS = 15_000;

export type FleetDeps = {
  readonly buses: Pick<Buses, 'startFleet' | 'createLocalAgent' | 'enroller'>;
  readonly config: Pick<HubConfig, 'intervalMs' | 'hostId' | 'label' | 'labels'>;
  readonly supervisor: SocketSupervisor;
  readonly ownerOf: StreamEndpoint['ownerOf'];
  /** Returns the reason why clients wait for their first data, as a sentence. */
  readonly waitingFor: () => string;
  /** Notified of each broadcast. */
  readonly manager: Pick<ServiceManager, 'progress'>;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly observer: FleetObserver;
  readonly version: string;
  readonly log: Logger;
};

export type FleetFeature = Feature &
  AsyncDisposable & {
    readonly bus: FleetBus;
    readonly fleet: Fleet;
    readonly readableOf: ReadableOf;
    readonly readableBy: ReadableBy;
    /** Adds a listener for the samples of targets that are shown. It MUST NOT throw. */
    onMeasured(listener: FleetObserver['onMeasured']): void;
    /** Adds a listener for transitions. It MUST NOT throw. */
    onTransitions(listener: FleetObserver['onTransitions']): void;
    /** Resolves when a first target has changed its status. */
    readonly firstTransition: Promise<void>;
  };

/** Starts the fleet: samples in, the status stream, its REST mirrors out. */
export async function startFleet(
  { buses, config, supervisor, ownerOf, waitingFor, manager, audit, observer, version, log }: FleetDeps,
  { signal }: { readonly signal: AbortSignal },
): Promise<FleetFeature> {
  const { intervalMs } = config;
  await using starting = new AsyncDisposableStack();
  const mainServer = starting.use(
    await startMainServer({ buses, config, observer, version, log }, { signal }),
  );
  const now = () => ({ monotonicMs: performance.now(), wallMs: Date.now() });
  const fleet = new Fleet({ intervalMs, now });
  const cutsOff = buses.enroller !== null;
  const onFlood = quarantineFloods({ fleet, bus: () => bus, cutsOff, audit, log }, { signal });
  const observers: Partial<FleetObserver>[] = [observer];
  const onMeasured: FleetObserver['onMeasured'] = (measured) => {
    for (const each of observers) each.onMeasured?.(measured);
  };
  const bus = starting.use(
    await buses.startFleet(fleetListener({ fleet, observer: { onMeasured }, onFlood, log })),
  );
  const stream = new StatusStream({
    fleet,
    mainServer: mainServer.state,
    busState: () => bus.connection().state,
    waitingFor,
    intervalMs,
    nowWallMs: Date.now,
    log,
  });
  const readableBy = createReadableBy(fleet);
  const readableOf: ReadableOf = (c) => readableBy(principalOf(c).scopes);
  const broadcast = () => {
    manager.progress(intervalMs + HUNG_AFTER_MS);
    return stream.broadcast();
  };
  const failures = createFailureLog(log, {
    failing: 'the status could not be broadcast',
    recovered: 'the status is broadcast again',
  });
  const first = Promise.withResolvers<void>();
  const onTransitions: FleetObserver['onTransitions'] = (transitions) => {
    first.resolve();
    for (const each of observers) each.onTransitions?.(transitions);
  };
  const updates = { fleet, bus, log, broadcast: () => stream.broadcast(), onTransitions };
  const stack = starting.move();
  return {
    firstTransition: first.promise,
    bus,
    fleet,
    readableOf,
    readableBy,
    onMeasured: (listener) => void observers.push({ onMeasured: listener }),
    onTransitions: (listener) => void observers.push({ onTransitions: listener }),
    routes: [
      ...statusRoutes({
        fleet,
        readableOf,
        lastStatus: (readable) => stream.version1.last(readable),
        snapshot: (readable) => stream.version2.snapshot(readable),
      }),
      ...labelRoutes({ fleet, bus }),
      streamEndpoint({
        path: '/ws/system/status',
        mirror: '/system/status',
        stream,
        supervisor,
        ownerOf: (c) => ({ ...ownerOf(c), readable: readableOf(c) }),
      }),
    ],
    metrics: fleetMetrics(fleet, stream, bus),
    run: ({ signal }) =>
      Promise.all([
        mainServer.run({ signal }),
        runLoop({ run: broadcast, intervalMs, phaseMs: intervalMs, failures }, { signal }),
        runStatusUpdates(updates, { signal }),
        runRegistrar({ fleet, bus, log }, { signal }),
      ]),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
