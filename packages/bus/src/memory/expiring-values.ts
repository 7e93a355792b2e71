import type { Sha256 } from '@booner/protocol';

/** Over it the oldest value goes. */
const MAX_VALUES = 10_000;

/** Values in JSON that all live for about as long, and are taken once. */
export function createExpiringValues() {
  /** In the order of their expiry, as far as that is the order in which they came. */
  const values = new Map<Sha256, { readonly stored: string; readonly expiresAtMs: number }>();

  const sweep = () => {
    const nowMs = performance.now();
    for (const [hash, { expiresAtMs }] of values) {
      if (expiresAtMs > nowMs && values.size <= MAX_VALUES) return;
      values.delete(hash);
    }
  };
  return {
    put: (hash: Sha256, value: unknown, ttlMs: number) => {
      values.delete(hash); // what is put again is the newest
      values.set(hash, { stored: JSON.stringify(value), expiresAtMs: performance.now() + ttlMs });
      sweep();
    },
    take: (hash: Sha256): string | null => {
      const value = values.get(hash);
      values.delete(hash);
      return value === undefined || value.expiresAtMs <= performance.now() ? null : value.stored;
    },
  };
}
