import { z } from 'zod';
import { HISTORY_TIER_NAMES } from './history-metrics.ts';

/** Whether samples are recorded, and why not. */
const recordingStateSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('recording') }),
  z.object({
    state: z.literal('stopped'),
    /** Part of a sentence, with the remedy where there is one. */
    reason: z.string(),
    sinceMs: z.int(),
  }),
]);

const bytes = z.int().nonnegative();

/** State of a hub's history: `GET /history/stats`. */
export const historyStatsSchema = z.object({
  recording: recordingStateSchema,
  /** Hosts with data, including the main server. */
  hosts: z.int().nonnegative(),
  /** Bytes in use, without space in the file that is free for new data. */
  usedBytes: bytes,
  /** Bytes of the files on disk. */
  fileBytes: bytes,
  /** Bytes that are free on the file system; `null` without one. */
  freeDiskBytes: bytes.nullable(),
  /** Bound on `usedBytes`: beyond it, the oldest of the finest data is deleted. */
  maxBytes: z.number().nonnegative(),
  /** Nothing is recorded while less is free on the file system. */
  minFreeBytes: bytes,
  /** When minutes were last stored; `null` if none were since the hub started. */
  lastStoredMs: z.int().nullable(),
  /** Samples and minutes that were lost since the hub started. */
  droppedSamples: z.int().nonnegative(),
  droppedMinutes: z.int().nonnegative(),
  /** Start of the oldest data at each resolution; `null` without data. */
  oldestMs: z.record(z.enum(HISTORY_TIER_NAMES), z.int().nullable()),
});

export type RecordingState = z.infer<typeof recordingStateSchema>;
export type HistoryStats = z.infer<typeof historyStatsSchema>;
