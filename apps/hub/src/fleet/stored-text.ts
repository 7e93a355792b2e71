/**
 * Step in which memory is allocated, so that a text whose length changes a little stays in place.
 */
const STEP_BYTES = 1024;
/** Memory that exceeds the need by this factor is released. */
const ROOMY = 4;

/**
 * A text that is replaced often and read seldom. It lies outside the garbage collector's heap and
 * stays in place: the collector would copy a string twice, only to discard it when the next
 * arrives.
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

  /** @returns the last text written; `null` before the first */
  read(): string | null {
    return this.#room?.toString('utf8', 0, this.#usedBytes) ?? null;
  }
}
