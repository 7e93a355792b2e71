import type { MemoryBus } from '@booner/bus/memory';
import { publishSamples } from '@booner/bus/publish-samples';
import { type HostId, type Inventory, newInstanceId } from '@booner/protocol';
import type { Sampler } from '@booner/sampler';
import type { Logger } from '@booner/service';

export type LocalAgentOptions = {
  readonly bus: MemoryBus;
  readonly host: HostId;
  readonly intervalMs: number;
  readonly sampler: Sampler;
  readonly log: Logger;
};

/** The agent of the hub's machine in embedded mode. */
export type LocalAgent = {
  /** Publishes the inventory; samples wait for the first one. */
  describe(inventory: Inventory): void;
  /** Publishes samples until the signal aborts, then says goodbye. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
};

/** Creates the agent of the hub's machine: the loop of an agent, in this process. */
export function createLocalAgent({ bus, log, ...options }: LocalAgentOptions): LocalAgent {
  const publisher = bus.startPublisher(options.host);
  let inventoryTakenAtMs: number | null = null;
  const described = Promise.withResolvers<void>();
  return {
    describe(inventory) {
      publisher.describe(inventory, inventory.agentVersion);
      inventoryTakenAtMs = inventory.takenAtMs;
      described.resolve();
    },
    async run({ signal }) {
      const instance = newInstanceId();
      const inventoryTakenAt = () => inventoryTakenAtMs;
      await publishSamples(
        {
          ...options,
          instance,
          publisher,
          inventoryTakenAtMs: inventoryTakenAt,
          described: described.promise,
          logger: log,
        },
        { signal },
      );
      await publisher[Symbol.asyncDispose]();
    },
  };
}
