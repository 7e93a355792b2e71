/**
 * Returns a key for `createTask`, for callers that repeat a request. Unlike `crypto.randomUUID`, it
 * works on pages loaded over plain HTTP.
 */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
