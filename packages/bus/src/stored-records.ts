import type { HookDelivery, StoredHook, StoredSchedule } from '@booner/protocol';
import { hookDeliverySchema, storedHookSchema, storedScheduleSchema } from '@booner/protocol';
import { MAX_HOOKS, MAX_SCHEDULES } from '@booner/protocol/limits';
import type { ReadRecord } from './record-ports.ts';
import { named, type Reading, readValue, reject, type Schema } from './stored-values.ts';

/** A kind of records that people set by name. */
export type RecordKind<Stored extends { readonly name: string }> = {
  /** Such as `schedule`, for messages. */
  readonly what: string;
  readonly schema: Schema<Stored>;
  /** Records that there can be. */
  readonly max: number;
};

export const SCHEDULES: RecordKind<StoredSchedule> = {
  ...{ what: 'schedule', schema: storedScheduleSchema, max: MAX_SCHEDULES },
};
export const HOOKS: RecordKind<StoredHook> = { what: 'hook', schema: storedHookSchema, max: MAX_HOOKS };

/** Parses a record. */
export function readRecord<Stored extends { readonly name: string }>(
  { what, schema }: RecordKind<Stored>,
  name: string,
  text: string,
): Reading<ReadRecord<Stored>> {
  const which = `the ${what} ${name}`;
  const reading = named(which, readValue(null, Buffer.from(text), schema));
  if (!reading.ok) return reading;
  if (reading.value.name === name) return { ok: true, value: { record: reading.value, text } };
  return reject('wrong_shape', null, `${which} is stored under the name of another one`);
}

/** Parses a delivery of a hook. */
export const readDelivery = (name: string, text: string): Reading<HookDelivery> =>
  named(`a delivery of the hook ${name}`, readValue(null, Buffer.from(text), hookDeliverySchema));
