import type { AccessBus, FleetBus, TaskBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { startRedisAccess } from '@booner/bus/redis/access';
import { revealRedis } from '@booner/bus/redis/config';
import { startRedisFleet } from '@booner/bus/redis/fleet';
import { createOutageLog } from '@booner/bus/redis/outage-log';
import { startRedisTasks } from '@booner/bus/redis/tasks';
import { CLOSE_CODES, type Inventory, newInstanceId } from '@booner/protocol';
import { keepInventory, startSampler } from '@booner/sampler';
import { type Logger, runInterval, sleep } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';
import type { ServiceManager } from '@booner/service/service-manager';
import { loadOidcRoutes, oidcSignIn } from './access/hub-oidc.ts';
import { createHubAccess } from './access/start-access.ts';
import { createEmbeddedAgent } from './buses/local-agent.ts';
import { startEmbeddedRunner } from './buses/local-runner.ts';
import type { HubConfig } from './config/config.ts';
import { INSTALLER_FILE } from './config/program-files.ts';
import { packageRoutes } from './enrolment/package-routes.ts';
import { startHubEnrolment } from './enrolment/start-enrolment.ts';
import { Fleet } from './fleet/fleet.ts';
import { StatusHistory } from './fleet/history.ts';
import { historyRoutes } from './fleet/history-routes.ts';
import { MainServerState, recordInto } from './fleet/main-server.ts';
import { recordHeard, recordMainServer } from './fleet/record-history.ts';
import { runRegistrar } from './fleet/registrar.ts';
import { statusEndpoint } from './fleet/status-endpoint.ts';
import { statusRoutes } from './fleet/status-routes.ts';
import { StatusStream } from './fleet/status-stream.ts';
import { fleetListener, reportRejections, runVerdicts } from './fleet/watch-fleet.ts';
import { healthRoutes } from './health/health-routes.ts';
import { readiness } from './health/readiness.ts';
import { createApp } from './http/app.ts';
import { limitProxiedSockets } from './http/limit-proxied-sockets.ts';
import { type HttpServer, startHttpServer } from './http/server.ts';
import { keepTls, requireTlsPair } from './http/tls.ts';
import { metricsRoutes } from './metrics/metrics-routes.ts';
import { releaseAfterBursts } from './release-after-bursts.ts';
import { dashboardRoutes } from './site/dashboard-routes.ts';
import { ollamaRoutes } from './site/ollama-routes.ts';
import { referenceRoutes } from './site/reference-routes.ts';
import { createHubTasks } from './tasks/start-tasks.ts';
import { SocketSupervisor } from './ws/socket-supervisor.ts';
import { createWebSocketServer } from './ws/web-socket-server.ts';

export type HubOptions = {
  readonly config: HubConfig;
  readonly version: string;
  readonly log: Logger;
  /** Told that broadcasts go on. */
  readonly manager: Pick<ServiceManager, 'progress'>;
  /** Shows a text to the person who started the hub; `null`: nobody watches. */
  readonly show?: ((text: string) => void) | null;
};

export type Hub = AsyncDisposable & {
  readonly url: string;
  /** Rejects with a {@link StartError} when it turns out that the hub is of no use as it was started. Never resolves. */
  readonly failed: Promise<never>;
};

/** Counters need two readings: the first sample waits this long after the start of the sampler. */
const FIRST_SAMPLE_AFTER_MS = 200;
/** The first frame of the first client names the machine, if only by a brief inventory, which is there after 1.5 s. */
const INVENTORY_WAIT_MS = 2000;
/** The hub's machine is measured this long before each broadcast, so that a broadcast is fresh and waits for no sensor. */
const MEASURE_BEFORE_BROADCAST_MS = 250;
/** A broadcast that is this late counts as one that will not come. */
const HUNG_AFTER_MS = 15_000;

/**
 * Starts a hub. Disposal tells clients that the hub goes away (1001), says `bye` for an embedded agent, and ends everything
 * within 4 s.
 * @throws StartError when the address cannot be listened on, or nobody could sign in; BusError for bad Redis settings
 */
export async function startHub({ config, version, log, manager, show = null }: HubOptions): Promise<Hub> {
  const stop = new AbortController();
  const { signal } = stop;
  await using starting = new AsyncDisposableStack();
  starting.defer(() => stop.abort());

  const { intervalMs, label } = config;
  const mainServer = new MainServerState();
  const history = new StatusHistory({ nowWallMs: Date.now });
  const sampler = recordMainServer(
    history,
    intervalMs,
    recordInto(mainServer, starting.use(await startSampler({}, { signal }))),
  );
  const memory = createMemoryBus();
  const agent =
    config.redis === null
      ? createEmbeddedAgent({ bus: memory, host: config.hostId, intervalMs, sampler, log })
      : null;
  const described = Promise.withResolvers<void>();
  const onInventory = (inventory: Inventory) => {
    mainServer.describe(inventory);
    agent?.describe(inventory);
    described.resolve();
  };
  const keepingInventory = keepInventory({ label, version, logger: log, onInventory }, { signal });
  await sleep(FIRST_SAMPLE_AFTER_MS, signal);
  await sampler.sample();
  await Promise.race([described.promise, sleep(INVENTORY_WAIT_MS, signal)]);
  releaseMemory();

  const now = () => ({ monotonicMs: performance.now(), wallMs: Date.now() });
  const fleet = new Fleet({ intervalMs, now });
  const outageLog =
    config.redis === null
      ? null
      : createOutageLog({
          log,
          url: config.redis.url.reveal(),
          meanwhile: 'clients keep the last data until it is back',
        });
  const logConnection = () => outageLog?.() ?? (() => {});
  const listener = recordHeard(history, fleet, fleetListener(fleet, log, logConnection()));
  const bus: FleetBus = starting.use(
    config.redis === null
      ? memory.startFleet(listener)
      : await startRedisFleet({ redis: revealRedis(config.redis), listener }),
  );
  const ready = () =>
    readiness({
      connection: isConnected(bus) ? taskBus.connection() : bus.connection(),
      busEchoAgeMs: bus.lastEchoAgeMs(),
      isLoaded: fleet.isLoaded && tasks.board.isLoaded,
      nowMs: Date.now(),
    });
  const waitingFor = () => ready().reason ?? 'the hub is catching up with Redis';
  const stream = new StatusStream({
    fleet,
    mainServer,
    busState: () => bus.connection().state,
    waitingFor,
    intervalMs,
    nowWallMs: Date.now,
  });
  const taskBus: TaskBus = starting.use(
    config.redis === null
      ? memory.startTasks()
      : await startRedisTasks({
          redis: revealRedis(config.redis),
          hub: newInstanceId(),
          onConnection: logConnection(),
          onRejected: reportRejections(log),
        }),
  );
  const accessBus: AccessBus = starting.use(
    config.redis === null
      ? memory.startAccess()
      : await startRedisAccess({
          redis: revealRedis(config.redis),
          onConnection: logConnection(),
          onRejected: reportRejections(log),
        }),
  );
  const access = starting.use(
    createHubAccess({
      bus: accessBus,
      isRequired: config.authRequired,
      stateDirectory: config.stateDirectory,
      publicUrl: config.publicUrl,
      oidc: oidcSignIn(config.oidc),
      show,
      version,
      log,
    }),
  );
  const oidcRoutes =
    config.oidc === null
      ? []
      : [
          await loadOidcRoutes({
            config: config.oidc,
            bus: accessBus,
            startSession: access.startSession,
            publicUrl: config.publicUrl,
            log,
          }),
        ];
  const supervisor = new SocketSupervisor(log, (credentialId) => access.book.isGood(credentialId));
  access.book.onEnded(() => supervisor.closeEnded());
  const tasks = createHubTasks({
    bus: taskBus,
    isTarget: (host) => fleet.requireLoaded().get(host) !== null,
    waitingFor,
    retention: config.retention,
    supervisor,
    log,
  });
  const enrolment = starting.use(
    await startHubEnrolment({
      config,
      access: accessBus,
      isMakerGood: access.isMakerGood,
      audit: access.audit,
      bus,
      tasks: taskBus,
      fleet,
      version,
      log,
      onConnection: logConnection(),
    }),
  );
  const runner =
    config.redis === null
      ? starting.use(
          await startEmbeddedRunner({
            bus: memory,
            host: config.hostId,
            actionsDirectory: config.actionsDirectory,
            stateDirectory: config.stateDirectory,
            version,
            log,
          }),
        )
      : null;
  const tlsPair = config.tls === null ? null : requireTlsPair(config.tls);
  await access.prepare({ signal });
  const server: HttpServer = starting.use(
    await startHttpServer({
      ...config,
      tlsPair,
      webSockets: createWebSocketServer(),
      fetch: createApp({
        version,
        log,
        access: config.access,
        authorize: access.authorize,
        trustedProxies: config.trustedProxies,
        routes: [
          limitProxiedSockets(config.maxConnectionsPerAddress),
          statusRoutes({
            fleet,
            lastStatusText: () => stream.lastVersion1Text,
            snapshotText: () => stream.snapshotText(),
            log,
          }),
          historyRoutes({ fleet, history, log }),
          ollamaRoutes({ url: config.ollamaUrl, log }),
          healthRoutes(ready),
          metricsRoutes({
            version,
            fleet,
            stream,
            tasks,
            connections: () => server.connections(),
            busConnected: () => isConnected(bus) && isConnected(taskBus),
          }),
          statusEndpoint(stream, supervisor),
          ...tasks.routes,
          ...access.routes,
          ...enrolment.routes,
          ...oidcRoutes,
        ],
        publicRoutes: [
          packageRoutes({ version, installerFile: INSTALLER_FILE, directory: config.packagesDirectory }),
          referenceRoutes(),
          dashboardRoutes({ version, directory: config.dashboardDirectory }),
        ],
      }).fetch,
    }),
  );

  const onError = (error: unknown) => log.error({ err: error }, 'the status could not be broadcast');
  const measure = async () => {
    await sampler.sample();
  };
  const broadcast = () => {
    manager.progress(intervalMs + HUNG_AFTER_MS);
    return stream.broadcast();
  };
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {}); // for those who do not look
  const running = Promise.all([
    // The embedded agent's samples are those of the main server: one machine is measured once.
    agent?.run({ signal }) ??
      runInterval(
        measure,
        { intervalMs, phaseMs: intervalMs - MEASURE_BEFORE_BROADCAST_MS, onError },
        { signal },
      ),
    runInterval(broadcast, { intervalMs, phaseMs: intervalMs, onError }, { signal }),
    runVerdicts({ fleet, bus, log, tell: () => stream.broadcast() }, { signal }),
    runRegistrar({ fleet, bus, log }, { signal }),
    tasks.run({ signal }),
    access.run({ signal }).catch(failure.reject),
    enrolment.run({ signal }),
    supervisor.run({ signal }),
    releaseAfterBursts(
      {
        intervalMs,
        connections: () => server.connections(),
        heapBytes: () => process.memoryUsage().heapUsed,
        onError,
      },
      { signal },
    ),
    keepingInventory,
    tlsPair === null ? null : keepTls({ pair: tlsPair, serve: server.setTlsPair, log }, { signal }),
  ]);

  const stack = starting.move();
  return {
    url: server.url,
    failed: failure.promise,
    async [Symbol.asyncDispose]() {
      server.stopIntake();
      await runner?.[Symbol.asyncDispose](); // while there is a hub that takes its last reports
      await supervisor.closeAll(CLOSE_CODES.goingAway, 'the hub stops: come back');
      stop.abort();
      await running;
      await stack.disposeAsync();
    },
  };
}

const isConnected = (bus: Pick<FleetBus, 'connection'>): boolean => bus.connection().state === 'connected';
