import { type StoredSchedule, scheduleSchema } from '@booner/protocol';
import { MAX_SCHEDULES } from '@booner/protocol/limits';
import type { ScheduleBus } from '../../record-ports.ts';
import { describeRecordContract, type RecordBusUnderTest } from './record-contract.ts';

const makeSchedule = (name: string, nextAtMs: number): StoredSchedule => ({
  name,
  schedule: scheduleSchema.parse({ cron: '0 3 * * *', action: 'backup', selector: 'role=db' }),
  ...{ createdBy: null, credentialId: null, changedAtMs: 1_000, nextAtMs },
  ...{ paused: null, queuedAtMs: null, firings: [] },
});

/** Describes the behaviour of every implementation of `ScheduleBus`. */
export const describeScheduleContract = (startBus: () => Promise<RecordBusUnderTest<ScheduleBus>>): void =>
  describeRecordContract(startBus, { make: makeSchedule, max: MAX_SCHEDULES });
