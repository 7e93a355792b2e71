import { type ControlMessage, controlMessageSchema, type TaskOffer, taskOfferSchema } from '@booner/protocol';
import { DRY_RUN_PREFIX } from '@booner/protocol/redis-names';
import { type Reading, reject, validate } from '../../stored-values.ts';
import { fieldsOf } from '../connection/stream-fields.ts';

/** Longer texts are not parsed. Those that a hub writes are a fraction of this. */
const MAX_JSON_CHARACTERS = { params: 64 * 1024, sealedSecrets: 256 * 1024 };

/** Parses an entry of a host's queue. */
export function readOffer(entry: string, flat: readonly string[]): Reading<TaskOffer> {
  const fields = fieldsOf(flat);
  const what = `offer ${entry}`;
  const params = readJson(what, 'params', fields.get('params') ?? '');
  if (!params.ok) return params;
  const sealedSecrets = readJson(what, 'sealedSecrets', fields.get('sealedSecrets') ?? 'null');
  if (!sealedSecrets.ok) return sealedSecrets;
  const sealedParams = fields.get('sealedParams') ?? null;
  const traceparent = fields.get('traceparent');
  const action = fields.get('action');
  const isDryRun = action?.startsWith(DRY_RUN_PREFIX) === true;
  return validate(what, taskOfferSchema, {
    task: fields.get('task'),
    action: isDryRun ? action?.slice(DRY_RUN_PREFIX.length) : action,
    params: params.value,
    sealedParams,
    ...(sealedSecrets.value !== null && { sealedSecrets: sealedSecrets.value }),
    ...(isDryRun && { check: true }),
    ...(traceparent !== undefined && { traceparent }),
  });
}

function readJson(what: string, field: keyof typeof MAX_JSON_CHARACTERS, text: string): Reading<unknown> {
  if (text.length > MAX_JSON_CHARACTERS[field]) {
    return reject('oversized', null, `${what}: ${text.length} characters of ${field}`);
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return reject('not_json', null, `${what}: ${text.length} characters of ${field} that are not JSON`);
  }
}

/** Parses an entry of a host's control stream. */
export const readControl = (entry: string, flat: readonly string[]): Reading<ControlMessage> =>
  validate(`control message ${entry}`, controlMessageSchema, Object.fromEntries(fieldsOf(flat)));
