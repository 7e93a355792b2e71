import type { Alert } from './alert.ts';
import type { AlertMemory } from './alert-state.ts';

/**
 * Returns the status of a memory. `unknown` covers the others: an episode without data stays open
 * and looks unknown.
 */
export function alertStatus({
  episode,
  flapping,
  unknownSinceMs,
  warn,
  crit,
}: AlertMemory): 'ok' | 'pending' | Exclude<Alert['status'], 'resolved'> {
  if (unknownSinceMs !== null) return 'unknown';
  if (flapping !== null) return 'flapping';
  const isMet = warn?.isMet === true || crit?.isMet === true;
  if (episode === null) return isMet ? 'pending' : 'ok';
  return isMet ? 'firing' : 'recovering';
}
