import { DEVICE_SECTIONS, deviceNames, HOST_SECTION } from '@booner/history/sections';
import type { AlertMetric, Measurements } from '@booner/protocol';
import { alertMetricDevice, alertMetricReader } from '@booner/protocol/alert-metrics';

/** Reads the values of one metric from samples. */
export type MetricReader =
  /** A metric of the host. */
  | { readonly hasDevices: false; readonly read: (sample: Measurements) => number | null }
  /** A metric that each device has. */
  | {
      readonly hasDevices: true;
      readonly devices: (sample: Measurements) => readonly unknown[];
      /**
       * Returns the names of `devices`.
       * @param likely names, returned if they begin with those of the devices
       */
      readonly names: (sample: Measurements, likely?: readonly string[]) => readonly string[];
      readonly read: (device: unknown) => number | null;
    };

/** Returns a reader of a metric, with the names of devices as the history has them. */
export function metricReader(metric: AlertMetric): MetricReader {
  const kind = alertMetricDevice(metric);
  if (kind === null) return { hasDevices: false, read: alertMetricReader(metric, readerIn(HOST_SECTION)) };
  const section = DEVICE_SECTIONS.find((each) => each.kind === kind);
  if (section === undefined) throw new TypeError(`no devices of kind ${kind}`);
  const { nameOf, maxDevices } = section;
  const devices = (sample: Measurements) => {
    const all = section.devices(sample);
    return all.length > maxDevices ? all.slice(0, maxDevices) : all;
  };
  return {
    hasDevices: true,
    devices,
    // Known names are different from each other, so devices that have them have no name twice.
    names: (sample, likely = []) =>
      devices(sample).every((device, index) => nameOf(device) === likely[index])
        ? likely
        : deviceNames(section, sample),
    read: alertMetricReader(metric, readerIn(section.metrics)),
  };
}

const readerIn = <From>(
  metrics: readonly { readonly metric: string; readonly read: (from: From) => number | null }[],
) => {
  const readers = new Map(metrics.map(({ metric, read }) => [metric, read]));
  return (metric: string) => readers.get(metric) ?? (() => null);
};
