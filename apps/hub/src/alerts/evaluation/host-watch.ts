import type { Measurements } from '@booner/protocol';
import type { SelectorSubject } from '../../fleet/target-entry.ts';
import type { RuleWindows, WindowSlot } from '../windows/rule-windows.ts';
import type { ActiveRule, ActiveRules } from './active-rules.ts';

export type HostWatchOptions = {
  readonly subject: SelectorSubject;
  readonly rules: readonly ActiveRule[];
  readonly revision: number;
  /** What was kept so far. Its windows are taken over, and those left are closed. */
  readonly before: HostWatch | null;
};

/** The windows of a metric that each device of a host has. */
type DeviceWindows = { readonly names: string[]; readonly slots: WindowSlot[] };

const NO_SLOT = -1;

/** What the evaluation keeps of a host: which rules select it, and where their windows are. */
export class HostWatch {
  readonly subject: SelectorSubject;
  readonly rules: readonly ActiveRule[];
  /** {@link ActiveRules.revision} that `rules` are of. */
  readonly revision: number;
  /** Places of rules on metrics whose windows are new, and empty. */
  readonly added: readonly number[];
  /** Windows of the host's own metrics, by the place of their rule. */
  readonly #slots: Int32Array;
  readonly #devices: (DeviceWindows | undefined)[];

  constructor({ subject, rules, revision, before }: HostWatchOptions) {
    this.subject = subject;
    this.rules = rules;
    this.revision = revision;
    this.#slots = new Int32Array(rules.length).fill(NO_SLOT);
    this.#devices = [];
    const kept = new Set<number>();
    before?.rules.forEach((active, place) => {
      const at = rules.indexOf(active);
      if (at === -1) before.#closeAt(place);
      else {
        kept.add(at);
        this.#slots[at] = before.#slots[place]!;
        this.#devices[at] = before.#devices[place];
      }
    });
    this.added = [...rules.keys()].filter((place) => rules[place]!.metric !== null && !kept.has(place));
  }

  /** Returns the window of a rule on a metric of the host. */
  slotOf(place: number, windows: RuleWindows): WindowSlot {
    const slot = this.#slots[place]!;
    if (slot !== NO_SLOT) return slot;
    this.#slots[place] = windows.open();
    return this.#slots[place]!;
  }

  /** Returns the windows of a rule on a metric of devices. */
  devicesOf(place: number): DeviceWindows {
    this.#devices[place] ??= { names: [], slots: [] };
    return this.#devices[place];
  }

  /** Replaces the window of a device, or of the host (`null`), by a filled one. */
  replace(place: number, device: string | null, windows: RuleWindows, filled: WindowSlot): void {
    if (device === null) {
      windows.close(this.slotOf(place, windows));
      this.#slots[place] = filled;
      return;
    }
    const { names, slots } = this.devicesOf(place);
    const index = names.indexOf(device);
    if (index === -1) {
      names.push(device);
      slots.push(filled);
    } else {
      windows.close(slots[index]!);
      slots[index] = filled;
    }
  }

  /** Adds the values of a sample to the windows of a rule. */
  add(place: number, sample: Measurements, atMs: number): void {
    const { metric } = this.rules[place]!;
    if (metric === null) return;
    const { reader, windows } = metric;
    if (!reader.hasDevices) {
      const value = reader.read(sample);
      if (value !== null) windows.add(this.slotOf(place, windows), atMs, value);
      return;
    }
    const devices = this.devicesOf(place);
    const names = reader.names(sample, devices.names);
    reader.devices(sample).forEach((device, index) => {
      const value = reader.read(device);
      if (value !== null) windows.add(openOf(devices, names[index]!, index, windows), atMs, value);
    });
  }

  /** Closes the windows of devices that `isKept` does not want, which are gone. */
  forgetDevices(place: number, isKept: (device: string, slot: WindowSlot) => boolean): void {
    const { metric } = this.rules[place]!;
    const devices = this.#devices[place];
    if (metric === null || devices === undefined) return;
    for (let index = devices.names.length - 1; index >= 0; index--) {
      if (isKept(devices.names[index]!, devices.slots[index]!)) continue;
      metric.windows.close(devices.slots[index]!);
      devices.names.splice(index, 1);
      devices.slots.splice(index, 1);
    }
  }

  close(): void {
    for (let place = 0; place < this.rules.length; place++) this.#closeAt(place);
  }

  #closeAt(place: number): void {
    const { metric } = this.rules[place]!;
    if (metric === null) return;
    if (this.#slots[place] !== NO_SLOT) metric.windows.close(this.#slots[place]!);
    for (const slot of this.#devices[place]?.slots ?? []) metric.windows.close(slot);
  }
}

/** @param likely place of the device if all are as before */
function openOf({ names, slots }: DeviceWindows, name: string, likely: number, windows: RuleWindows) {
  const index = names[likely] === name ? likely : names.indexOf(name);
  if (index !== -1) return slots[index]!;
  names.push(name);
  const slot = windows.open();
  slots.push(slot);
  return slot;
}
