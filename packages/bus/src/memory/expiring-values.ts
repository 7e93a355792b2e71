import type { Sha256 } from '@booner/protocol';

/** Limit of values. The oldest are dropped. */
const MAX_VALUES = 10_000;

/** Stores values in JSON that expire after similar times and can be taken once. */
export function createExpiringValues() {
  /** In the order of insertion, which is about that of expiry. */
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
      values.delete(hash); // moves a replaced value to the end
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
