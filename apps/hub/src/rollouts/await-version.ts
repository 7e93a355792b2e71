import { setTimeout as delay } from 'node:timers/promises';
import type { RolloutBus } from '@booner/bus';
import type { RolloutId } from '@booner/protocol';

const POLL_MS = 250;

/** Waits for a newer version of a rollout. Those who wait for one rollout share its polls. */
export function createAwaitVersion(bus: Pick<RolloutBus, 'readVersion'>) {
  const polls = new Map<RolloutId, Promise<number | null>>();
  const poll = (id: RolloutId): Promise<number | null> => {
    const found =
      polls.get(id) ??
      delay(POLL_MS)
        .then(() => bus.readVersion(id))
        .finally(() => polls.delete(id));
    polls.set(id, found);
    return found;
  };

  /**
   * Returns once there is one, the rollout is gone, the time is over, or the signal has aborted.
   */
  return async (
    id: RolloutId,
    after: number,
    { signal, seconds }: { readonly signal: AbortSignal; readonly seconds: number },
  ): Promise<void> => {
    const endMs = performance.now() + seconds * 1000;
    let version = await bus.readVersion(id);
    while (version !== null && version <= after && performance.now() < endMs && !signal.aborted) {
      version = await poll(id);
    }
  };
}

export type AwaitVersion = ReturnType<typeof createAwaitVersion>;
