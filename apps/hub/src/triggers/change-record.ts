import { BusError, type ReadRecord, type RecordBus } from '@booner/bus';

/** Hubs may store other states in between. */
const MAX_ATTEMPTS = 20;

/**
 * Changes a record for a request. If another hub stores another state at the same time, the change
 * is decided again on that one. Rejects with `BusError`.
 * @param next returns what to store, `null` to remove it, or the answer to the request instead
 */
export async function changeRecord<Stored extends object, Next extends Stored | null>(
  bus: Pick<RecordBus<Stored>, 'readAll' | 'change'>,
  name: string,
  next: (before: ReadRecord<Stored> | null) => Promise<Next | Response>,
): Promise<{ readonly type: 'changed'; readonly after: Next } | { readonly type: 'full' } | Response> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const before = (await bus.readAll()).get(name) ?? null;
    const after = await next(before);
    if (after instanceof Response) return after;
    const outcome = await bus.change(null, name, before?.text ?? null, after);
    if (outcome === 'full') return { type: 'full' };
    if (outcome === 'changed') return { type: 'changed', after };
  }
  throw new BusError('refused', `${name} changes all the time: try again`);
}
