const SLAB_CHUNKS = 256;

/** One block of memory, seen as 32-bit floats, as unsigned integers and as bytes. */
export type Slab = {
  readonly floats: Float32Array<ArrayBuffer>;
  readonly integers: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/**
 * A bounded pool of memory chunks of one size. They lie in a few large slabs, allocated when first
 * needed: one small array per chunk would take half as much memory again, and the garbage collector
 * would have to visit each. Chunks are reused and never returned to the system.
 */
export class ChunkPool {
  readonly chunkWords: number;
  /** Number of chunks that fit into the bound. */
  readonly maxChunks: number;
  readonly #slabs: Slab[] = [];
  readonly #free: number[] = [];
  #made = 0;

  /**
   * @param chunkWords size of a chunk in words of 4 bytes
   * @param maxBytes bound on all chunks together
   */
  constructor(chunkWords: number, maxBytes: number) {
    this.chunkWords = chunkWords;
    this.maxChunks = Math.floor(maxBytes / (4 * chunkWords));
  }

  /** @returns a chunk with the content that its last holder left, or `null` if all are taken */
  take(): number | null {
    const chunk = this.#free.pop();
    if (chunk !== undefined) return chunk;
    if (this.#made === this.maxChunks) return null;
    if (this.#made === this.#slabs.length * SLAB_CHUNKS) this.#slabs.push(makeSlab(this.chunkWords));
    return this.#made++;
  }

  give(chunk: number): void {
    this.#free.push(chunk);
  }

  slabOf(chunk: number): Slab {
    return this.#slabs[Math.floor(chunk / SLAB_CHUNKS)] as Slab;
  }

  /** Returns the offset of a chunk in its slab, in words. */
  startOf(chunk: number): number {
    return (chunk % SLAB_CHUNKS) * this.chunkWords;
  }
}

function makeSlab(chunkWords: number): Slab {
  const buffer = new ArrayBuffer(4 * SLAB_CHUNKS * chunkWords);
  return {
    floats: new Float32Array(buffer),
    integers: new Uint32Array(buffer),
    bytes: new Uint8Array(buffer),
  };
}
