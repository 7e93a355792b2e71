import { setImmediate } from 'node:timers/promises';
import type { JsonObject, OfferedAction } from '@booner/protocol';

/**
 * Checks parameters against the action that a host offers.
 * @returns `bad_offer` if the host offers what no hub can work with
 */
export async function checkParams({ name, parameters }: OfferedAction, params: JsonObject) {
  // Loaded on demand: it contains a regular expression engine.
  const { parameterChecks } = await import('@booner/protocol/action-parameters');
  const checks = parameterChecks(parameters, params);
  try {
    for (;;) {
      const step = checks.next();
      if (step.done) return step.value;
      await setImmediate(); // a turn for others: a pattern may take some milliseconds
    }
  } catch (error) {
    // A pattern that cannot be used: a target that checks its files does not offer one.
    const reason = error instanceof Error ? error.message : String(error);
    return { type: 'bad_offer', detail: `the definition of ${name} is faulty: ${reason}` } as const;
  }
}
