import type { Inventory } from '@booner/protocol';
import { sleep } from '@booner/service/abort';
import { createFailureLog } from '@booner/service/failure-log';
import type { Logger } from '@booner/service/logger';
import { runLoop } from '@booner/service/run-loop';
import { type ReadInventoryOptions, readBriefInventory, readInventory } from './read-inventory.ts';

const INVENTORY_INTERVAL_MS = 3_600_000;
/**
 * The first sample waits for the inventory, so that this host never appears without its label. A
 * slow collector must not delay it.
 */
const BRIEF_AFTER_MS = 1500;

export type KeepInventoryOptions = Pick<
  ReadInventoryOptions,
  'label' | 'labels' | 'hostRoot' | 'collector'
> & {
  readonly version: string;
  readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;
  readonly onInventory: (inventory: Inventory) => void;
};

/**
 * Reads the inventory at once and then each hour, in a separate process each time, until the signal
 * aborts. If the first takes longer than 1.5 s, `onInventory` receives a brief one first and the
 * complete one later.
 */
export async function keepInventory(
  { label, labels, hostRoot, version, logger, onInventory, collector }: KeepInventoryOptions,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let lastFallback: string | null = null;
  let isFirst = true;
  const describeBriefly = async (stop: AbortSignal) => {
    if (await sleep(BRIEF_AFTER_MS, stop))
      onInventory(await readBriefInventory({ label, labels, agentVersion: version }));
  };
  const readOne = async () => {
    let fallback: string | null = null;
    const onFallback = (reason: string) => {
      fallback = reason;
    };
    const known = new AbortController();
    const brief = isFirst ? describeBriefly(AbortSignal.any([signal, known.signal])) : null;
    isFirst = false;
    const reading = readInventory({
      label,
      labels,
      hostRoot,
      agentVersion: version,
      signal,
      onFallback,
      collector,
    });
    const inventory = await reading.finally(() => known.abort());
    await brief; // which must not replace the complete one
    onInventory(inventory);
    if (fallback !== null && fallback !== lastFallback) {
      logger.warn({ reason: fallback }, 'the inventory of this host is incomplete');
    }
    lastFallback = fallback;
  };
  const failures = createFailureLog(logger, {
    failing: 'the inventory of this host could not be read',
    recovered: 'the inventory of this host can be read again',
  });
  await runLoop({ run: readOne, intervalMs: INVENTORY_INTERVAL_MS, failures }, { signal });
}
