import { type Hook, type JsonObject, jsonObjectSchema, PARAMS_BOUNDS, valueAt } from '@booner/protocol';

const paramsSchema = jsonObjectSchema(PARAMS_BOUNDS);

export type Mapped =
  | { readonly type: 'mapped'; readonly params: JsonObject }
  /** `when` demands another value. */
  | { readonly type: 'ignored'; readonly detail: string }
  /** A value that `fields` names is missing, or cannot be a parameter. */
  | { readonly type: 'refused'; readonly detail: string };

/**
 * Takes the parameters of a rollout from a payload: what the hook names, and nothing else. Details
 * name places in the payload, never values.
 */
export function mapPayload({ when, fields, params }: Hook, payload: unknown): Mapped {
  for (const [pointer, expected] of Object.entries(when)) {
    if (valueAt(payload, pointer) !== expected)
      return { type: 'ignored', detail: `${pointer} is not ${JSON.stringify(expected)}` };
  }
  const taken: [string, JsonObject[string]][] = [];
  for (const [name, pointer] of Object.entries(fields)) {
    const value = valueAt(payload, pointer) as JsonObject[string] | undefined;
    if (value === undefined || value === null)
      return { type: 'refused', detail: `the payload has no ${pointer}, which ${name} is taken from` };
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      return { type: 'refused', detail: `${pointer} is a number that cannot be kept exactly` };
    }
    taken.push([name, value]);
  }
  const parsed = paramsSchema.safeParse({ ...params, ...Object.fromEntries(taken) });
  if (parsed.success) return { type: 'mapped', params: parsed.data };
  return { type: 'refused', detail: `the object of all parameters ${parsed.error.issues[0]?.message}` };
}
