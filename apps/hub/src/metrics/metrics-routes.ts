import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Metric } from '../feature/metric.ts';
import { textAnswer } from '../http/openapi.ts';
import { type Routes, route, serve } from '../http/route.ts';

const metricsRoute = route({
  method: 'get',
  path: '/metrics',
  access: { role: 'viewer' },
  summary: 'Show metrics of the hub and its targets for Prometheus',
  tag: 'health',
  responses: { 200: textAnswer('Metrics in the text format of Prometheus') },
});

/** `GET /metrics` in Prometheus' text format: this process, and the given metrics. */
export function metricsRoutes(metrics: readonly Metric[]): Routes {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  for (const metric of metrics) register(registry, metric);
  return [
    serve(metricsRoute, async (c) =>
      c.body(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    ),
  ];
}

/** Values are replaced at each scrape: a target that has gone leaves no stale line behind. */
function register(registry: Registry, metric: Metric): void {
  const { type, name, help, label } = metric;
  const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
  if (type === 'gauge') {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        for (const [labels, value] of valuesOf(metric)) this.set(labels, value);
      },
    });
  } else {
    new Counter({
      ...options,
      collect() {
        this.reset();
        for (const [labels, value] of valuesOf(metric)) this.inc(labels, value);
      },
    });
  }
}

function* valuesOf(metric: Metric): Generator<[labels: Record<string, string>, value: number]> {
  if (metric.label === undefined) yield [{}, metric.read()];
  else for (const [labelValue, value] of metric.read()) yield [{ [metric.label]: labelValue }, value];
}
