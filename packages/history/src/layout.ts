import type { Series } from '@booner/protocol/history-metrics';
import { seriesKey } from './points.ts';
import { DEVICE_SECTIONS, deviceNames, HOST_SECTION, type SampledPart, type Section } from './sections.ts';

const HOST_SERIES: readonly Series[] = HOST_SECTION.map(({ metric }) => ({ metric, device: null }));
/** Layouts that are shared. Hosts of a fleet have few, but containers may have ever new devices. */
const MAX_SHARED = 500;
const shared = new Map<string, Layout>();

/** Names of the devices of each section. */
type DeviceNames = readonly (readonly string[])[];

/**
 * The series of a host and their places in a row: first the metrics of the host, then those of each
 * device. Hosts with the same devices have the same object.
 */
export class Layout {
  /** Tells this layout to another thread. */
  readonly key: string;
  readonly series: readonly Series[];
  readonly #names: DeviceNames;

  private constructor(key: string, names: DeviceNames) {
    this.key = key;
    this.#names = names;
    this.series = [
      ...HOST_SERIES,
      ...DEVICE_SECTIONS.flatMap((section, index) =>
        (names[index] ?? []).flatMap((device) => section.metrics.map(({ metric }) => ({ metric, device }))),
      ),
    ];
  }

  /** Returns the layout that a sample has. */
  static of(sample: SampledPart): Layout {
    return Layout.#with(DEVICE_SECTIONS.map((section) => deviceNames(section, sample)));
  }

  static fromKey(key: string): Layout {
    return shared.get(key) ?? Layout.#with(JSON.parse(key) as DeviceNames);
  }

  static #with(names: DeviceNames): Layout {
    const key = JSON.stringify(names);
    const known = shared.get(key);
    if (known !== undefined) return known;
    if (shared.size >= MAX_SHARED) shared.clear();
    const layout = new Layout(key, names);
    shared.set(key, layout);
    return layout;
  }

  get width(): number {
    return this.series.length;
  }

  /** True if a sample has exactly the devices of this layout. False if two have the same name. */
  fits(sample: SampledPart): boolean {
    return DEVICE_SECTIONS.every((section, index) => hasNames(section, sample, this.#names[index] ?? []));
  }

  /** Returns the places in this layout of the series of another one; -1 for those it lacks. */
  placesOf(other: Layout): number[] {
    const places = new Map(this.series.map((series, place) => [seriesKey(series), place]));
    return other.series.map((series) => places.get(seriesKey(series)) ?? -1);
  }

  /** Returns a layout that also has the devices of another one, within the bounds of each kind. */
  including(other: Layout): Layout {
    return Layout.#with(
      DEVICE_SECTIONS.map(({ maxDevices }, index) =>
        [...new Set([...(this.#names[index] ?? []), ...(other.#names[index] ?? [])])].slice(0, maxDevices),
      ),
    );
  }

  /** Writes a sample of this layout as a row of `width` values; NaN for what is unknown. */
  write(row: Float64Array, sample: SampledPart): void {
    let at = 0;
    for (const { read } of HOST_SECTION) row[at++] = known(read(sample));
    for (const { devices, metrics, maxDevices } of DEVICE_SECTIONS) {
      const list = devices(sample);
      for (let index = 0; index < list.length && index < maxDevices; index++)
        for (const { read } of metrics) row[at++] = known(read(list[index]));
    }
  }
}

/** A sample as numbers. */
export type Row = { readonly layout: Layout; readonly values: Float64Array };

/** @param likely the layout that the sample has if devices are as before */
export function rowOf(sample: SampledPart, likely?: Layout): Row {
  const layout = likely?.fits(sample) ? likely : Layout.of(sample);
  const values = new Float64Array(layout.width);
  layout.write(values, sample);
  return { layout, values };
}

/** A share of nothing is not finite. */
const known = (value: number | null): number =>
  value === null || !Number.isFinite(value) ? Number.NaN : value;

function hasNames({ devices, nameOf }: Section, sample: SampledPart, names: readonly string[]): boolean {
  const list = devices(sample);
  if (list.length !== names.length) return false;
  for (let index = 0; index < list.length; index++) if (nameOf(list[index]) !== names[index]) return false;
  return true;
}
