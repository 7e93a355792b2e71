import type { Inventory, MainServer, Measurements } from '@booner/protocol';
import { mainServerTexts } from '@booner/protocol/status-texts';

/** Names the hub's own machine among hosts. Host ids have no spaces, so this is none. */
export const MAIN_SERVER = 'main server';

/** The hub's own machine: one set of measurements for every reader, taken on the hub's schedule. */
export class MainServerState {
  #inventory: Inventory | null = null;
  #measurements: (Measurements & { sampledAtMs: number }) | null = null;

  describe(inventory: Inventory): void {
    this.#inventory = inventory;
  }

  measure(measurements: Measurements, sampledAtMs: number): void {
    this.#measurements = { ...measurements, sampledAtMs };
  }

  get view(): MainServer {
    return { inventory: this.#inventory, measurements: this.#measurements };
  }

  /** `main_server` of version 1. */
  version1() {
    return mainServerTexts(this.view);
  }
}
