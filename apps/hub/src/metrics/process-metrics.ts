import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Interval of the timer whose delay is measured. A shorter one wakes an idle hub more often. */
const RESOLUTION_MS = 100;
/** The monitor of prom-client is not used: it may sleep. */
const UNUSED_RESOLUTION_MS = 3_600_000;

type Monitor = ReturnType<typeof monitorEventLoopDelay>;

const lagOf = (value: (monitor: Monitor) => number) => (monitor: Monitor) =>
  Math.max(0, value(monitor) - RESOLUTION_MS * 1e6);

/** Lag in nanoseconds. prom-client has the same names, but adds the resolution to each lag. */
const LAGS: Readonly<Record<string, (monitor: Monitor) => number>> = {
  min: lagOf(({ min }) => min),
  max: lagOf(({ max }) => max),
  mean: lagOf(({ mean }) => mean),
  stddev: ({ stddev }) => stddev,
  p50: lagOf((monitor) => monitor.percentile(50)),
  p90: lagOf((monitor) => monitor.percentile(90)),
  p99: lagOf((monitor) => monitor.percentile(99)),
};

/** Gauges that prom-client names like counters. The same names without `_total` say more. */
const MISNAMED = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/** Registers the usual metrics of a Node.js process. Event loop lag counts from the last scrape. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: UNUSED_RESOLUTION_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  const gauges = Object.entries(LAGS).map(([name, read], index) => {
    const fullName = `nodejs_eventloop_lag_${name}_seconds`;
    registry.removeSingleMetric(fullName);
    const gauge: Gauge = new Gauge({
      name: fullName,
      help: `Event loop lag since the last scrape: ${name}`,
      registers: [registry],
      ...(index === 0 && { collect: update }), // reads and resets all of them at once
    });
    return { gauge, read };
  });

  function update(): void {
    if (monitor.count === 0) return; // scraped again at once: the last values stay
    for (const { gauge, read } of gauges) gauge.set(read(monitor) / 1e9);
    monitor.reset();
  }
}
