/** Room is made in steps of this, so that a text whose length changes a little stays where it is. */
const STEP_BYTES = 1024;
/** Room that is larger than what is needed by this factor is given back. */
const ROOMY = 4;

/**
 * A text that is replaced again and again and seldom read. It lies outside of the garbage collector's heap, always in the same place: as a
 * string each would be copied twice by the collector, only to become garbage when the next one comes.
 */
export class StoredText {
  #room: Buffer | null = null;
  #usedBytes = 0;

  write(text: string): void {
    const neededBytes = Buffer.byteLength(text);
    const roomBytes = this.#room?.length ?? 0;
    const wantedBytes = Math.ceil(neededBytes / STEP_BYTES) * STEP_BYTES;
    if (this.#room === null || neededBytes > roomBytes || wantedBytes * ROOMY < roomBytes) {
      this.#room = Buffer.allocUnsafeSlow(wantedBytes);
    }
    this.#usedBytes = this.#room.write(text);
  }

  /** @returns what was written last; `null` before */
  read(): string | null {
    return this.#room?.toString('utf8', 0, this.#usedBytes) ?? null;
  }
}
