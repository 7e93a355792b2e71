import { SCHEDULES_KEY, SCHEDULES_VERSION_KEY } from '@booner/protocol/redis-names';
import type { ScheduleBus } from '../../record-ports.ts';
import { SCHEDULES } from '../../stored-records.ts';
import { defineRecords, type RedisRecordsOptions, startRecordSession } from '../records/records.ts';

const STORE = { kind: SCHEDULES, key: SCHEDULES_KEY, versionKey: SCHEDULES_VERSION_KEY };

const scheduleMethods = defineRecords(STORE);

/** Starts a hub's side of schedules. Returns before it is connected. */
export function startRedisSchedules(
  options: RedisRecordsOptions,
  { signal }: { signal?: AbortSignal } = {},
): ScheduleBus {
  const { onRejected = () => {} } = options;
  const { side, use } = startRecordSession(STORE, options, signal);
  return { ...side, ...scheduleMethods(use, onRejected) };
}
