import { SCHEDULES_KEY, SCHEDULES_VERSION_KEY } from '@booner/protocol/redis-names';
import type { ScheduleBus } from '../../record-ports.ts';
import { SCHEDULES } from '../../stored-records.ts';
import { defineRecords, type RedisRecordsOptions, startRecordSession } from '../records/records.ts';

const STORE = { kind: SCHEDULES, key: SCHEDULES_KEY, versionKey: SCHEDULES_VERSION_KEY };

const scheduleMethods = defineRecords(STORE);

/**
 * Starts a hub's side of schedules over one connection. Returns before it is made.
 * @throws BusError `bad_url` or `bad_certificate`
 */
export async function startRedisSchedules(
  options: RedisRecordsOptions,
  { signal }: { signal?: AbortSignal } = {},
): Promise<ScheduleBus> {
  const { onRejected = () => {} } = options;
  const { side, use } = await startRecordSession(STORE, { ...options, name: 'booner-hub-schedules', signal });
  return { ...side, ...scheduleMethods(use, onRejected) };
}
