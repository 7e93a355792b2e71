import type { Series } from '@booner/protocol/history-metrics';
import { seriesKey } from './points.ts';
import { DEVICE_SECTIONS, HOST_SECTION, type SampledPart, type Section } from './sections.ts';

const HOST_SERIES: readonly Series[] = HOST_SECTION.map(({ metric }) => ({ metric, device: null }));

/**
 * The series of one host and their places in a row: first the metrics of the host, then those of
 * each device. A layout never changes; {@link Layout.including} returns one with more devices.
 */
export class Layout {
  readonly series: readonly Series[];
  /** Names of the devices of each section. */
  readonly #names: readonly (readonly string[])[];

  private constructor(names: readonly (readonly string[])[]) {
    this.#names = names;
    this.series = [
      ...HOST_SERIES,
      ...DEVICE_SECTIONS.flatMap((section, index) =>
        (names[index] ?? []).flatMap((device) => section.metrics.map(({ metric }) => ({ metric, device }))),
      ),
    ];
  }

  static of(sample: SampledPart): Layout {
    return new Layout(DEVICE_SECTIONS.map((section) => namesIn(section, sample)));
  }

  get width(): number {
    return this.series.length;
  }

  /** True if every device of a sample has a place, or is beyond the bound of its kind. */
  has(sample: SampledPart): boolean {
    return DEVICE_SECTIONS.every((section, index) => {
      const names = this.#names[index] ?? [];
      if (isAligned(section, sample, names)) return true;
      return (
        names.length >= section.maxDevices || namesIn(section, sample).every((name) => names.includes(name))
      );
    });
  }

  /** True if a sample has exactly the devices of this layout. */
  fits(sample: SampledPart): boolean {
    return DEVICE_SECTIONS.every((section, index) => isAligned(section, sample, this.#names[index] ?? []));
  }

  /** Returns the places in this layout of the series of another one, which it includes. */
  placesOf(other: Layout): number[] {
    const places = new Map(this.series.map((series, place) => [seriesKey(series), place]));
    return other.series.map((series) => places.get(seriesKey(series)) ?? -1);
  }

  /** Returns a layout that also has the devices of a sample. */
  including(sample: SampledPart): Layout {
    return new Layout(
      DEVICE_SECTIONS.map((section, index) =>
        [...new Set([...(this.#names[index] ?? []), ...namesIn(section, sample)])].slice(
          0,
          section.maxDevices,
        ),
      ),
    );
  }

  /** Writes a sample as a row of `width` values; NaN for what is unknown. */
  write(row: Float64Array, sample: SampledPart): void {
    let at = 0;
    for (const { read } of HOST_SECTION) row[at++] = known(read(sample));
    for (const [index, section] of DEVICE_SECTIONS.entries()) {
      const names = this.#names[index] ?? [];
      writeSection(row, at, section, sample, names);
      at += names.length * section.metrics.length;
    }
  }
}

/** A share of nothing is not finite. */
const known = (value: number | null): number =>
  value === null || !Number.isFinite(value) ? Number.NaN : value;

function writeSection(
  row: Float64Array,
  start: number,
  section: Section,
  sample: SampledPart,
  names: readonly string[],
): void {
  const devices = section.devices(sample);
  const { metrics } = section;
  if (isAligned(section, sample, names)) {
    let at = start;
    for (const device of devices) for (const { read } of metrics) row[at++] = known(read(device));
    return;
  }
  row.fill(Number.NaN, start, start + names.length * metrics.length);
  for (const [index, name] of namesIn(section, sample).entries()) {
    const place = names.indexOf(name);
    if (place === -1) continue;
    for (const [offset, { read }] of metrics.entries())
      row[start + place * metrics.length + offset] = known(read(devices[index]));
  }
}

/** True if a sample has exactly these devices in this order, which is usual. */
function isAligned({ devices, nameOf }: Section, sample: SampledPart, names: readonly string[]): boolean {
  const list = devices(sample);
  if (list.length !== names.length) return false;
  for (let index = 0; index < list.length; index++) if (nameOf(list[index]) !== names[index]) return false;
  return true;
}

/** Names of a sample's devices, each once: the second `sda` is `sda #2`. */
function namesIn({ devices, nameOf, maxDevices }: Section, sample: SampledPart): string[] {
  const seen = new Map<string, number>();
  return devices(sample)
    .slice(0, maxDevices)
    .map((device) => {
      const name = nameOf(device);
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return times === 1 ? name : `${name} #${times}`;
    });
}
