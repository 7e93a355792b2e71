/**
 * Releases the memory of a program's start: module sources, code that ran once, space of the young
 * generation. V8 would keep it, as a heap that barely grows is rarely collected, and an ordinary
 * collection frees none of it. Takes some 40 ms for a small heap and far more for a large one, so
 * call it once, when there is little work. Does nothing without `--expose-gc`.
 */
export function releaseMemory(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
