import type { HostId, Inventory, MainServer, Measurements } from '@booner/protocol';
import { mainServerTexts } from '@booner/protocol/status-texts';
import type { Fleet } from './fleet.ts';

/** Names the hub's own machine among hosts. Host ids have no spaces, so this is none. */
export const MAIN_SERVER = 'main server';

/** The hub's own machine: one set of measurements for every reader, taken on the hub's schedule. */
export class MainServerState {
  #inventory: Inventory | null = null;
  #measurements: (Measurements & { sampledAtMs: number }) | null = null;

  /** Id of this machine as a target, in embedded mode. */
  #host: HostId | null = null;

  /** Takes that the hub itself publishes this machine's samples, as this target. */
  publishAs(host: HostId): void {
    this.#host = host;
  }

  describe(inventory: Inventory): void {
    this.#inventory = inventory;
  }

  measure(measurements: Measurements, sampledAtMs: number): void {
    this.#measurements = { ...measurements, sampledAtMs };
  }

  get view(): MainServer {
    return { inventory: this.#inventory, measurements: this.#measurements };
  }

  /** Returns this machine's id among the targets; `null` if it is none of them. */
  hostIn(fleet: Pick<Fleet, 'entries'>): HostId | null {
    const inventory = this.#inventory;
    if (this.#host !== null || inventory === null) return this.#host;
    return fleet.entries().find((entry) => entry.isMachineOf(inventory))?.host ?? null;
  }

  /** `main_server` of version 1. */
  version1() {
    return mainServerTexts(this.view);
  }
}
