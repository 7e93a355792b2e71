import type { AlertMemory } from '@booner/protocol';

export type AlertStatus = 'ok' | 'pending' | 'firing' | 'recovering' | 'flapping' | 'unknown';

/**
 * Returns the status that people see. `unknown` covers the others: an episode without data stays
 * open and looks unknown.
 */
export function alertStatus(memory: AlertMemory): AlertStatus {
  const { episode, flapping, unknownSinceMs, warn, crit } = memory;
  if (unknownSinceMs !== null) return 'unknown';
  if (flapping !== null) return 'flapping';
  const isMet = warn?.isMet === true || crit?.isMet === true;
  if (episode === null) return isMet ? 'pending' : 'ok';
  return isMet ? 'firing' : 'recovering';
}
