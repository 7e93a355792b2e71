import { DEVICE_SECTIONS, deviceNames, HOST_SECTION } from '@booner/history/sections';
import { type AlertMetric, type Measurements, readAlertMetric } from '@booner/protocol';
import { alertMetricDevice } from '@booner/protocol/alert-metrics';
import type { HistoryMetric } from '@booner/protocol/history-metrics';

/** Reads the values of one metric from samples. */
export type MetricReader =
  /** A metric of the host. */
  | { readonly hasDevices: false; readonly read: (sample: Measurements) => number | null }
  /** A metric that each device has. `read` returns a value for each of `names`. */
  | {
      readonly hasDevices: true;
      readonly names: (sample: Measurements) => readonly string[];
      readonly read: (sample: Measurements) => readonly (number | null)[];
    };

/** Returns a reader of a metric, with the names of devices as the history has them. */
export function metricReader(metric: AlertMetric): MetricReader {
  const kind = alertMetricDevice(metric);
  if (kind === null) {
    const readers = new Map(HOST_SECTION.map((each) => [each.metric, each.read]));
    const readOf = (sample: Measurements) => (name: HistoryMetric) => readers.get(name)?.(sample) ?? null;
    return { hasDevices: false, read: (sample) => readAlertMetric(metric, readOf(sample)) };
  }
  const section = DEVICE_SECTIONS.find((each) => each.kind === kind);
  if (section === undefined) throw new TypeError(`no devices of kind ${kind}`);
  const readers = new Map(section.metrics.map((each) => [each.metric, each.read]));
  return {
    hasDevices: true,
    names: (sample) => deviceNames(section, sample),
    read: (sample) =>
      section
        .devices(sample)
        .slice(0, section.maxDevices)
        .map((device) => readAlertMetric(metric, (name) => readers.get(name)?.(device) ?? null)),
  };
}
