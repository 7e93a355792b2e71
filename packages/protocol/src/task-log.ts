import { z } from 'zod';

/** A line longer than this, in bytes of UTF-8, is cut; the cut is stated in its text. */
export const MAX_LOG_LINE_BYTES = 4096;
/** Of one entry of a log stream: several lines share one, so that the bound on entries is one on bytes, not on lines. */
export const MAX_LOG_ENTRY_BYTES = 8192;
/** Entries that a log stream keeps, about; the oldest go first. */
export const MAX_LOG_ENTRIES = 2000;
export const LOG_TTL_MS = 7 * 24 * 3_600_000;

/** One line of a task's output. Lines are numbered from 1 over both streams, in the order in which the runner read them. */
export const logLineSchema = z.object({
  line: z.int().positive(),
  /** `runner`: said by the runner itself about the task. */
  stream: z.enum(['stdout', 'stderr', 'runner']),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

/** One entry of `booner:log:<id>`: consecutive lines of one output stream. Numbers that are missing between entries were dropped. */
export const logEntrySchema = z.object({
  /** Number of the first line. */
  line: z.int().positive(),
  stream: logLineSchema.shape.stream,
  /** The lines, with `\n` between them. */
  text: z.string(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;
