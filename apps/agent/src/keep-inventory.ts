import type { Inventory } from '@booner/protocol';
import { readInventory } from '@booner/sampler';
import { type Logger, runInterval } from '@booner/service';

const INVENTORY_INTERVAL_MS = 3_600_000;

export type KeepInventoryOptions = {
  readonly label: string | null;
  readonly version: string;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  readonly onInventory: (inventory: Inventory) => void;
};

/** Reads the inventory at once and then each hour, in processes of their own, until the signal aborts. */
export async function keepInventory(
  { label, version, logger, onInventory }: KeepInventoryOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let lastFallback: string | null = null;
  const readOne = async () => {
    let fallback: string | null = null;
    const onFallback = (reason: string) => {
      fallback = reason;
    };
    onInventory(await readInventory({ label, agentVersion: version, signal, onFallback }));
    if (fallback !== null && fallback !== lastFallback) {
      logger.warn({ reason: fallback }, 'the inventory of this host is incomplete');
    }
    lastFallback = fallback;
  };
  const onError = (error: unknown) => {
    if (!signal.aborted) logger.error({ err: error }, 'the inventory of this host was not read');
  };
  await runInterval(readOne, { intervalMs: INVENTORY_INTERVAL_MS, onError }, { signal });
}
