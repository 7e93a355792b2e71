/** Attempts to one channel at a time: few enough that a receiver that hangs holds up no other. */
const MAX_IN_FLIGHT = 4;
/** Time until a full lane may have a place. */
const FULL_WAIT_MS = 1000;
/** Failures in a row after which a channel is paused. */
const FAILURES_TO_PAUSE = 5;
const FIRST_PAUSE_MS = 10_000;
const MAX_PAUSE_MS = 300_000;

export type LaneOptions = {
  readonly random: () => number;
  /** Called with `true` when the channel has failed several times, with `false` once it works. */
  readonly onFailing: (isFailing: boolean) => void;
};

/** `unused`: nothing was sent. `retryAfterMs`: the pause that the other side asked for. */
export type LaneVerdict = 'worked' | 'unused' | { readonly retryAfterMs: number | null };

/**
 * Bounds what one hub does with one channel. A channel that fails several times in a row is paused;
 * then one attempt at a time probes it, after pauses that double. Times are monotonic milliseconds.
 */
export class ChannelLane {
  readonly #options: LaneOptions;
  #inFlight = 0;
  #failures = 0;
  #pauses = 0;
  /** `null`: no pause since the channel last worked. */
  #pausedUntilMs: number | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Enters for one attempt. @returns 0, or milliseconds after which to ask again */
  enter(nowMs: number): number {
    const limit = this.#pausedUntilMs === null ? MAX_IN_FLIGHT : 1;
    if (nowMs < (this.#pausedUntilMs ?? 0)) return (this.#pausedUntilMs ?? 0) - nowMs;
    if (this.#inFlight >= limit) return FULL_WAIT_MS;
    this.#inFlight += 1;
    return 0;
  }

  /** Leaves after an attempt. */
  leave(verdict: LaneVerdict, nowMs: number): void {
    this.#inFlight -= 1;
    if (verdict === 'unused') return;
    if (verdict === 'worked') {
      this.#recover();
      return;
    }
    this.#failures += 1;
    if (this.#failures === FAILURES_TO_PAUSE) this.#options.onFailing(true);
    const isProbe = this.#pausedUntilMs !== null && nowMs >= this.#pausedUntilMs;
    const isFirst = this.#pausedUntilMs === null && this.#failures >= FAILURES_TO_PAUSE;
    const pauseMs = Math.max(isProbe || isFirst ? this.#nextPauseMs() : 0, verdict.retryAfterMs ?? 0);
    if (pauseMs > 0) this.#pausedUntilMs = Math.max(this.#pausedUntilMs ?? 0, nowMs + pauseMs);
  }

  #recover(): void {
    const wasFailing = this.#failures >= FAILURES_TO_PAUSE;
    this.#failures = 0;
    this.#pauses = 0;
    this.#pausedUntilMs = null;
    if (wasFailing) this.#options.onFailing(false);
  }

  /** Between half and all of a bound that doubles, so that hubs do not probe together. */
  #nextPauseMs(): number {
    const boundMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#pauses);
    this.#pauses = Math.min(this.#pauses + 1, 10);
    return (boundMs * (1 + this.#options.random())) / 2;
  }
}
