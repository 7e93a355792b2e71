import type { Slot } from '../catalogue/slot.ts';

/**
 * Selects the tasks that can be claimed now, in the order of the queue. A task without a free slot
 * holds back only those that wait for the same one. One whose slot is `null` needs no place.
 * @param held keys of the slots that are taken, one for each run of the host
 * @param concurrency runs at a time on this host
 */
export function selectReady<Queued extends { readonly slot: Slot | null }>(
  queue: readonly Queued[],
  { held, concurrency }: { readonly held: readonly string[]; readonly concurrency: number },
): Queued[] {
  let runs = held.length;
  const taken = new Map<string, number>();
  for (const key of held) taken.set(key, (taken.get(key) ?? 0) + 1);
  return queue.filter(({ slot }) => {
    if (slot === null) return true;
    const count = taken.get(slot.key) ?? 0;
    if (runs >= concurrency || count >= slot.limit) return false;
    taken.set(slot.key, count + 1);
    runs += 1;
    return true;
  });
}
