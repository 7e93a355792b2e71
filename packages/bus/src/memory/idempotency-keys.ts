import type { TaskId } from '@booner/protocol';
import { IDEMPOTENCY_TTL_MS } from '../limits.ts';

/** Over it the oldest key goes. */
const MAX_KEYS = 100_000;

type Made = { readonly id: TaskId; readonly bodyHash: string };

/** Which task a caller's key made. */
export function createIdempotencyKeys() {
  /** In the order of expiry. */
  const keys = new Map<string, Made & { readonly expiresAtMs: number }>();

  const sweep = () => {
    for (const [key, { expiresAtMs }] of keys) {
      if (expiresAtMs > Date.now() && keys.size <= MAX_KEYS) return;
      keys.delete(key);
    }
  };
  return {
    find: (key: string): Made | null => {
      sweep();
      return keys.get(key) ?? null;
    },
    keep: (key: string, made: Made) => {
      keys.set(key, { ...made, expiresAtMs: Date.now() + IDEMPOTENCY_TTL_MS });
      sweep();
    },
  };
}
