import { sleep } from './abort.ts';

/** Wakes a loop that waits for its next time, when there is something to do earlier. */
export class Alarm {
  #rung = Promise.withResolvers<void>();

  ring(): void {
    this.#rung.resolve();
  }

  /**
   * Waits for `ms`, or until the alarm rings; it may have rung since the last wait.
   * @returns `false` if the signal has aborted
   */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    const waiting = new AbortController();
    await Promise.race([sleep(ms, AbortSignal.any([signal, waiting.signal])), this.#rung.promise]);
    waiting.abort();
    this.#rung = Promise.withResolvers<void>();
    return !signal.aborted;
  }
}
