/** Work that takes turns with others. */
type Turn = {
  /** @returns whether it wants another turn */
  take(): boolean;
  /** It gets no more turns. */
  abandon(): void;
};

/** Gives turns at a rate, to one after the other. */
export type Pacer = {
  add(turn: Turn): void;
  /** Restarts the count of what is due. */
  setRate(turnsPerSecond: number, nowMs: number): void;
  /**
   * Gives the turns that are due; a turn without a taker is lost.
   * @returns the lateness of each, in milliseconds
   */
  run(nowMs: number): readonly number[];
  /** Sends away all that wait. */
  abandonAll(): void;
};

export function createPacer(): Pacer {
  let waiting: Turn[] = [];
  let gapMs = Number.POSITIVE_INFINITY;
  let dueMs = Number.POSITIVE_INFINITY;
  return {
    add(turn) {
      waiting.push(turn);
    },
    setRate(turnsPerSecond, nowMs) {
      gapMs = 1000 / turnsPerSecond;
      dueMs = nowMs + gapMs;
    },
    run(nowMs) {
      const latenessMs: number[] = [];
      const again: Turn[] = [];
      let next = 0;
      for (; dueMs <= nowMs; dueMs += gapMs) {
        const turn = waiting[next];
        if (turn === undefined) continue;
        next++;
        latenessMs.push(nowMs - dueMs);
        if (turn.take()) again.push(turn);
      }
      waiting = [...waiting.slice(next), ...again];
      return latenessMs;
    },
    abandonAll() {
      for (const turn of waiting.splice(0)) turn.abandon();
    },
  };
}
