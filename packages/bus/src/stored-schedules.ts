import { storedScheduleSchema } from '@booner/protocol';
import type { ReadSchedule } from './schedule-ports.ts';
import { named, type Reading, readValue, reject } from './stored-values.ts';

/** Parses a schedule. */
export function readSchedule(name: string, text: string): Reading<ReadSchedule> {
  const what = `the schedule ${name}`;
  const reading = named(what, readValue(null, Buffer.from(text), storedScheduleSchema));
  if (!reading.ok) return reading;
  if (reading.value.name === name) return { ok: true, value: { schedule: reading.value, text } };
  return reject('wrong_shape', null, `${what} is stored under the name of another one`);
}
