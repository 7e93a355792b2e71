import { OpenAPIHono } from '@hono/zod-openapi';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Fleet } from '../fleet/fleet.ts';
import type { StatusStream } from '../fleet/status-stream.ts';
import { TARGET_GAUGES } from '../fleet/target-gauges.ts';
import type { HubTasks } from '../tasks/start-tasks.ts';

export type MetricsDeps = {
  readonly version: string;
  readonly fleet: Fleet;
  readonly stream: StatusStream;
  readonly tasks: Pick<HubTasks, 'board' | 'stream' | 'reports'>;
  readonly connections: () => number;
  readonly busConnected: () => boolean;
};

/** `GET /metrics` in the text format of Prometheus: the hub itself, and each target's main values as gauges. */
export function metricsRoutes(deps: MetricsDeps): OpenAPIHono {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  registerHub(registry, deps);
  registerTasks(registry, deps.tasks);
  registerTargets(registry, deps.fleet);
  const routes = new OpenAPIHono();
  routes.get('/metrics', async (c) =>
    c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
  );
  return routes;
}

function registerHub(
  registry: Registry,
  { version, fleet, stream, connections, busConnected }: MetricsDeps,
): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  /** A counter that is counted elsewhere. */
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  new Gauge({ name: 'booner_hub_info', help: 'Version of the hub', labelNames: ['version'], registers }).set(
    { version },
    1,
  );
  gauge('booner_hub_bus_connected', '1 while the bus is connected', () => (busConnected() ? 1 : 0));
  gauge('booner_hub_connections', 'Open TCP connections', connections);
  new Gauge({
    name: 'booner_hub_stream_clients',
    help: 'Clients of the status stream',
    labelNames: ['version'],
    registers,
    collect() {
      const { version1, version2 } = stream.clientCounts;
      this.set({ version: '1' }, version1);
      this.set({ version: '2' }, version2);
    },
  });
  counter('booner_hub_broadcasts_total', 'Broadcasts of the status stream', () => stream.counts.broadcasts);
  counter('booner_hub_frames_written_total', 'Frames written to clients', () => stream.counts.framesWritten);
  counter(
    'booner_hub_frames_skipped_total',
    'Frames that a client was too slow for',
    () => stream.counts.framesSkipped,
  );
  counter('booner_hub_samples_total', 'Samples taken from agents', () => fleet.counts().samples);
  new Counter({
    name: 'booner_hub_messages_rejected_total',
    help: 'Messages on the bus that were dropped',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, count] of fleet.counts().rejections) this.inc({ reason }, count);
    },
  });
}

function registerTasks(registry: Registry, { board, stream, reports }: MetricsDeps['tasks']): void {
  const registers = [registry];
  new Gauge({
    name: 'booner_hub_open_tasks',
    help: 'Tasks that have not ended',
    labelNames: ['status'],
    registers,
    collect() {
      if (!board.isLoaded) return; // unknown, which is not 0
      const tasks = board.tasks();
      for (const wanted of ['queued', 'running'])
        this.set({ status: wanted }, tasks.filter(({ status }) => status === wanted).length);
    },
  });
  new Gauge({
    name: 'booner_hub_task_stream_clients',
    help: 'Clients of the task stream',
    labelNames: ['version'],
    registers,
    collect() {
      const { version1, version2 } = stream.clientCounts;
      this.set({ version: '1' }, version1);
      this.set({ version: '2' }, version2);
    },
  });
  new Counter({
    name: 'booner_hub_reports_total',
    help: 'Reports of runners that this hub applied, by what came of them',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of reports.counts) this.inc({ outcome }, count);
    },
  });
  const counted = {
    events_written: 'Task events written to clients of version 2',
    maps_written: 'Task maps written to clients of version 1',
    maps_skipped: 'Task maps that a client of version 1 was too slow for',
    resumed: 'Clients that resumed at a cursor',
    snapshots: 'Snapshots of the tasks',
    closed_too_slow: 'Clients that were closed because they did not read',
  };
  const read = () => {
    const { eventsWritten, mapsWritten, mapsSkipped, resumed, snapshots, closedTooSlow } = stream.counts;
    return {
      events_written: eventsWritten,
      maps_written: mapsWritten,
      maps_skipped: mapsSkipped,
      resumed,
      snapshots,
      closed_too_slow: closedTooSlow,
    };
  };
  for (const [name, help] of Object.entries(counted)) {
    new Counter({
      name: `booner_hub_task_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read()[name as keyof typeof counted]);
      },
    });
  }
}

/** A target that is not heard has no gauges but `booner_target_up`, so that a graph shows a gap and no stale line. */
function registerTargets(registry: Registry, fleet: Fleet): void {
  const registers = [registry];
  new Gauge({
    name: 'booner_target_up',
    help: '1 for an active target, 0 for one that is offline or was never heard',
    labelNames: ['host'],
    registers,
    collect() {
      this.reset();
      for (const { host, status } of fleet.entries()) this.set({ host }, status === 'active' ? 1 : 0);
    },
  });
  for (const { name, help, read } of TARGET_GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['host'],
      registers,
      collect() {
        this.reset();
        for (const { host, status, figures } of fleet.entries()) {
          const value = status === 'active' && figures !== null ? read(figures) : null;
          if (value !== null) this.set({ host }, value);
        }
      },
    });
  }
}
