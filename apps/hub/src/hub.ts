import type { Logger } from '@booner/service';
import type { ServiceManager } from '@booner/service/service-manager';
import { startAccess } from './access/start-access.ts';
import { startAlerts } from './alerts/start-alerts.ts';
import { startArtefacts } from './artefacts/start-artefacts.ts';
import { openBuses } from './buses/open-buses.ts';
import type { HubConfig } from './config/config.ts';
import { startEnrolment } from './enrolment/start-enrolment.ts';
import type { Feature } from './feature/feature.ts';
import { startFleet } from './fleet/start-fleet.ts';
import { startHealth } from './health/start-health.ts';
import { openRecorder } from './history/open-recorder.ts';
import { startHistory } from './history/start-history.ts';
import { startHooks } from './hooks/start-hooks.ts';
import type { HttpServer } from './http/server.ts';
import { startMetrics } from './metrics/start-metrics.ts';
import { startRemoteWrite } from './remote-write/start-remote-write.ts';
import { startRollouts } from './rollouts/start-rollouts.ts';
import { type RunningHub, runHub } from './run-hub.ts';
import { startSchedules } from './schedules/start-schedules.ts';
import { readSealingKey } from './sealing/sealing-key.ts';
import { startSecrets } from './secrets/start-secrets.ts';
import { createInstaller } from './site/installer.ts';
import { startSite } from './site/start-site.ts';
import { startServer } from './start-server.ts';
import { startTasks } from './tasks/start-tasks.ts';
import { SocketSupervisor } from './ws/socket-supervisor.ts';

export type HubOptions = {
  readonly config: HubConfig;
  readonly version: string;
  readonly log: Logger;
  /** Notified of each broadcast. */
  readonly manager: Pick<ServiceManager, 'progress'>;
  /** Shows a text to the person who started the hub; `null` if there is no terminal. */
  readonly show?: ((text: string) => void) | null;
  /** Registers a function to call when files may have been rotated. Default: they never are. */
  readonly onRotation?: (listener: () => void) => void;
};

export type Hub = RunningHub & {
  /** Resolves when a first target has changed its status. */
  readonly firstTransition: Promise<void>;
};

/**
 * Starts a hub. Disposal closes clients with 1001 and ends everything within 4 s.
 * @throws StartError if it cannot listen on its address, or nobody could sign in
 * @throws BusError for bad Redis settings
 */
export async function startHub({
  config,
  version,
  log,
  manager,
  show = null,
  onRotation = () => {},
}: HubOptions): Promise<Hub> {
  const stop = new AbortController();
  const { signal } = stop;
  await using starting = new AsyncDisposableStack();
  starting.defer(() => stop.abort());

  const buses = starting.use(await openBuses({ config, version, log }));
  const shared = { buses, config, version, log };
  const access = starting.use(await startAccess({ ...shared, show, onRotation }));
  const supervisor = new SocketSupervisor(log, (credentialId) => access.registry.isActive(credentialId));
  access.registry.onInvalidated(() => supervisor.closeEnded());
  const waitingFor = () => health.reason() ?? 'the hub is catching up with Redis';
  const recorder = starting.use(openRecorder({ config, log }));
  const { recorder: observer } = recorder;
  const streams = { supervisor, ownerOf: access.streamOwnerOf, waitingFor, observer };
  const { audit } = access;
  const fleet = starting.use(await startFleet({ ...shared, ...streams, manager, audit }, { signal }));
  const { readableOf } = fleet;
  const tasks = startTasks({ ...shared, ...streams, fleet: fleet.fleet, readableOf });
  const history = startHistory({ history: recorder, fleet, config, log });
  const sealingKey = await readSealingKey(config.alerts.sealing);
  const deps = { ...shared, ...streams, sealingKey, fleet, tasks, history, recorder, onRotation };
  const alerts = startAlerts(deps);
  const rollouts = startRollouts({ buses, access, fleet, tasks, alerts, log });
  const schedules = startSchedules({ buses, access, fleet, rollouts, alerts, log });
  const hooks = startHooks({ buses, access, fleet, rollouts, sealingKey, config, log });
  const artefacts = await startArtefacts({ ...shared, fleet, tasks });
  const loaded = [fleet.fleet, tasks.board];
  const health = startHealth({ buses: [fleet.bus, buses.tasks], loaded, features: [history, artefacts] });
  const installer = createInstaller({ packagesDirectory: config.packagesDirectory, version });
  const parts = [
    access,
    fleet,
    tasks,
    artefacts,
    history,
    alerts,
    rollouts,
    schedules,
    hooks,
    startSecrets({ buses, fleet }),
    health,
    startEnrolment({ ...shared, access, fleet, installer }, { signal }),
    startRemoteWrite({ ...shared, fleet }),
    startSite({ ...shared, installer }),
  ];
  const connections = () => server.connections();
  const shown = { features: parts, connections, isConnected: health.isConnected };
  const metrics = startMetrics({ version, readableOf, supervisor, leases: buses.leases, ...shown });
  const features: readonly Feature[] = [...parts, metrics];

  const runner = starting.use(await buses.startLocalRunner());
  await access.prepare({ signal });
  const routes = features.flatMap((feature) => feature.routes);
  const { authorize } = access;
  const { measure } = metrics;
  const served = { config, version, log, measure, authorize, routes };
  const server: HttpServer = starting.use(await startServer(served));
  const running = runHub({ features, supervisor, server, runner, config, log, stop, owned: starting.move() });
  return Object.assign(running, { firstTransition: fleet.firstTransition });
}
