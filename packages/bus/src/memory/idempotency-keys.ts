import type { TaskId } from '@booner/protocol';
import { IDEMPOTENCY_TTL_MS } from '../limits.ts';

/** Limit of keys. The oldest are dropped. */
const MAX_KEYS = 100_000;

type Created = { readonly id: TaskId; readonly bodyHash: string };

/** Tasks by the idempotency keys that created them. */
export function createIdempotencyKeys() {
  /** In the order of expiry. */
  const keys = new Map<string, Created & { readonly expiresAtMs: number }>();

  const sweep = () => {
    for (const [key, { expiresAtMs }] of keys) {
      if (expiresAtMs > Date.now() && keys.size <= MAX_KEYS) return;
      keys.delete(key);
    }
  };
  return {
    find: (key: string): Created | null => {
      sweep();
      return keys.get(key) ?? null;
    },
    keep: (key: string, created: Created) => {
      keys.set(key, { ...created, expiresAtMs: Date.now() + IDEMPOTENCY_TTL_MS });
      sweep();
    },
  };
}
