import { type ControlMessage, controlMessageSchema, type TaskOffer, taskOfferSchema } from '@booner/protocol';
import { DRY_RUN_PREFIX } from '@booner/protocol/redis-names';
import { type Reading, reject, validate } from '../../stored-values.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

/** Longer parameters are not parsed. Those that a hub accepts are a fraction of this. */
const MAX_JSON_CHARACTERS = 64 * 1024;

/** Parses an entry of a host's queue. */
export function readOffer(entry: string, flat: readonly string[]): Reading<TaskOffer> {
  const fields = fieldsOf(flat);
  const what = `offer ${entry}`;
  const text = fields.get('params') ?? '';
  if (text.length > MAX_JSON_CHARACTERS) {
    return reject('oversized', null, `${what}: ${text.length} characters of parameters`);
  }
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    return reject('not_json', null, `${what}: ${text.length} characters of parameters that are not JSON`);
  }
  const sealedParams = fields.get('sealedParams') ?? null;
  const action = fields.get('action');
  const isDryRun = action?.startsWith(DRY_RUN_PREFIX) === true;
  return validate(what, taskOfferSchema, {
    task: fields.get('task'),
    action: isDryRun ? action?.slice(DRY_RUN_PREFIX.length) : action,
    params,
    sealedParams,
    ...(isDryRun && { check: true }),
  });
}

/** Parses an entry of a host's control stream. */
export const readControl = (entry: string, flat: readonly string[]): Reading<ControlMessage> =>
  validate(`control message ${entry}`, controlMessageSchema, Object.fromEntries(fieldsOf(flat)));
