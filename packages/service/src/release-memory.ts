/**
 * Gives back what the start of a program took: module sources, compiled code that ran once, room of the young generation. V8 would
 * keep it, since a heap that hardly grows is hardly collected; an ordinary collection frees nothing of it. Takes some 40 ms
 * for a small heap, and far more for a large one: to be called once, before there is work. Does nothing without `--expose-gc`.
 */
export function releaseMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
