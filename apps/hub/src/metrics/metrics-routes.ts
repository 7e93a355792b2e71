import type { HostId } from '@booner/protocol';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Metric } from '../feature/metric.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { textAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Readable } from '../ws/readable.ts';

export type MetricsRoutesDeps = {
  /** Those with the label `host` show only targets that the reader may read. */
  readonly metrics: readonly Metric[];
  readonly readableOf: ReadableOf;
};

const metricsRoute = route({
  method: 'get',
  path: '/metrics',
  access: { role: 'viewer' },
  summary: 'Show metrics of the hub and its targets for Prometheus',
  tag: 'health',
  responses: { 200: textAnswer('Metrics in the text format of Prometheus') },
});

/** `GET /metrics` in Prometheus' text format: this process, and the given metrics. */
export function metricsRoutes({ metrics, readableOf }: MetricsRoutesDeps): Routes {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision: 100 });
  return [
    serve(metricsRoute, async (c) => {
      const registry = new Registry();
      for (const metric of metrics) show(metric, readableOf(c), registry);
      const texts = await Promise.all([ofProcess.metrics(), registry.metrics()]);
      return c.body(texts.join(''), 200, { 'content-type': ofProcess.contentType });
    }),
  ];
}

/** Adds the current values of a metric to a registry. */
function show(metric: Metric, readable: Readable, registry: Registry): void {
  const { type, name, help, label } = metric;
  const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
  if (type === 'gauge') {
    const gauge = new Gauge(options);
    gauge.reset(); // one without labels begins at 0
    for (const [labels, value] of valuesOf(metric, readable)) gauge.set(labels, value);
  } else {
    const counter = new Counter(options);
    for (const [labels, value] of valuesOf(metric, readable)) counter.inc(labels, value);
  }
}

function* valuesOf(
  metric: Metric,
  readable: Readable,
): Generator<[labels: Record<string, string>, value: number]> {
  if (metric.label === undefined) yield [{}, metric.read()];
  else {
    for (const [labelValue, value] of metric.read()) {
      if (metric.label !== 'host' || readable.has(labelValue as HostId))
        yield [{ [metric.label]: labelValue }, value];
    }
  }
}
