import type { HostId } from '@booner/protocol';
import { Counter, Gauge, Registry } from 'prom-client';
import type { Metric } from '../feature/metric.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { textAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Readable } from '../ws/readable.ts';
import { collectProcessMetrics } from './process-metrics.ts';

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
  collectProcessMetrics(ofProcess);
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
  if (metric.type === 'recorded') {
    registry.registerMetric(metric.recorded);
    return;
  }
  const { type, name, help } = metric;
  const values = [...valuesOf(metric, readable)];
  if (values.length === 0 && labelNamesOf(metric).length === 0) return; // without labels it would be 0
  const options = { name, help, labelNames: labelNamesOf(metric), registers: [registry] };
  if (type === 'counter') {
    const counter = new Counter(options);
    for (const [labels, value] of values) counter.inc(labels, value);
  } else {
    const gauge = new Gauge(options);
    gauge.reset(); // one without labels begins at 0
    for (const [labels, value] of values) gauge.set(labels, value);
  }
}

type ReadMetric = Exclude<Metric, { type: 'recorded' }>;

function labelNamesOf(metric: ReadMetric): string[] {
  if (metric.type === 'info') return [...metric.labels];
  return metric.label === undefined ? [] : [metric.label];
}

function* valuesOf(
  metric: ReadMetric,
  readable: Readable,
): Generator<[labels: Record<string, string>, value: number]> {
  const isReadable = (host: string | undefined) => host === undefined || readable.has(host as HostId);
  if (metric.type === 'info') {
    for (const labels of metric.read()) if (isReadable(labels.host)) yield [labels, 1];
  } else if (metric.label === undefined) {
    const value = metric.read();
    if (value !== null) yield [{}, value];
  } else {
    for (const [labelValue, value] of metric.read()) {
      if (metric.label !== 'host' || isReadable(labelValue)) yield [{ [metric.label]: labelValue }, value];
    }
  }
}
