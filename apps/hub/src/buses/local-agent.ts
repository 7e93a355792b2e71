import type { MemoryBus } from '@booner/bus/memory';
import { publishSamples } from '@booner/bus/publish-samples';
import { type HostId, type Inventory, newInstanceId } from '@booner/protocol';
import type { Sampler } from '@booner/sampler';
import type { Logger } from '@booner/service';

export type EmbeddedAgentOptions = {
  readonly bus: MemoryBus;
  readonly host: HostId;
  readonly intervalMs: number;
  readonly sampler: Sampler;
  readonly log: Logger;
};

/** The agent of the hub's own machine, where there is no Redis: the same loop as an agent's, in this process. */
export function createEmbeddedAgent({ bus, log, ...options }: EmbeddedAgentOptions) {
  const publisher = bus.startPublisher(options.host);
  let inventoryTakenAtMs: number | null = null;
  const described = Promise.withResolvers<void>();
  return {
    describe(inventory: Inventory): void {
      publisher.describe(inventory, inventory.agentVersion);
      inventoryTakenAtMs = inventory.takenAtMs;
      described.resolve();
    },
    async run({ signal }: { signal: AbortSignal }): Promise<void> {
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
