import type { Inventory, MainServer, Measurements } from '@booner/protocol';
import { mainServerTexts } from '@booner/protocol/status-texts';
import type { Sampler } from '@booner/sampler';

/** The hub's own machine: one set of measurements for all who ask, taken by the hub's schedule alone. */
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

/** A sampler whose measurements are also those of the main server. */
export function recordInto(mainServer: MainServerState, sampler: Sampler): Sampler {
  return {
    async sample() {
      const measurements = await sampler.sample();
      mainServer.measure(measurements, Date.now());
      return measurements;
    },
  };
}
