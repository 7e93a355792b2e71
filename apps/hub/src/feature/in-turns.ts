import { setImmediate as yieldToLoop } from 'node:timers/promises';

/** Each parses some kilobytes: a few milliseconds of work. */
const ITEMS_PER_TURN = 25;

/**
 * Maps items that are read from the bus, some at a time, so that the main thread is not held by the
 * answers of thousands.
 */
export async function mapInTurns<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += ITEMS_PER_TURN) {
    const turn = items.slice(start, start + ITEMS_PER_TURN);
    results.push(...(await Promise.all(turn.map((item, index) => map(item, start + index)))));
    await yieldToLoop();
  }
  return results;
}
