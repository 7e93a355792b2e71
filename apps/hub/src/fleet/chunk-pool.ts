const SLAB_CHUNKS = 256;

/** One stretch of memory, seen as 32-bit floats, as unsigned integers and as bytes. */
export type Slab = {
  readonly floats: Float32Array<ArrayBuffer>;
  readonly integers: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
};

/**
 * Memory in chunks of one size, under one bound. It lies in a few large slabs, made when they are needed first: as many small arrays
 * as there are chunks would cost half as much again, and the garbage collector would have to look at each. Chunks are reused, never
 * given back to the system.
 */
export class ChunkPool {
  readonly chunkWords: number;
  /** The most chunks that there can be. */
  readonly maxChunks: number;
  readonly #slabs: Slab[] = [];
  readonly #free: number[] = [];
  #made = 0;

  /** @param chunkWords size of a chunk in words of 4 bytes @param maxBytes bound on all chunks together */
  constructor(chunkWords: number, maxBytes: number) {
    this.chunkWords = chunkWords;
    this.maxChunks = Math.floor(maxBytes / (4 * chunkWords));
  }

  /** @returns a chunk with whatever its last holder left in it, or `null` when all are taken */
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

  /** Where the chunk starts in its slab, in words. */
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
