import { z } from 'zod';
import { visibleText } from './visible-text.ts';

/** Longer lines, in bytes of UTF-8, are cut. Their text says so. */
export const MAX_LOG_LINE_BYTES = 4096;
/**
 * Size of one entry of a log stream. Several lines share an entry, so that the limit on entries
 * bounds bytes, not lines.
 */
export const MAX_LOG_ENTRY_BYTES = 8192;
/** Approximate number of entries in a log stream. The oldest are dropped first. */
export const MAX_LOG_ENTRIES = 2000;
export const LOG_TTL_MS = 7 * 24 * 3_600_000;

/**
 * One line of a task's output. Lines are numbered from 1 across both streams, in the order in which
 * the runner read them.
 */
export const logLineSchema = z.object({
  line: z.int().positive(),
  /** `runner`: a message of the runner about the task. */
  stream: z.enum(['stdout', 'stderr', 'runner']),
  text: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;

/**
 * One entry of `booner:log:<id>`: consecutive lines of one output stream. Numbers missing between
 * entries were dropped.
 */
export const logEntrySchema = z.object({
  /** Number of the first line. */
  line: z.int().positive(),
  stream: logLineSchema.shape.stream,
  /** The lines, joined by `\n`. Only colours and tabs stay of what is invisible. */
  text: z.string().overwrite((text) => visibleText(text, { keep: '\n\t\u001b' })),
});
export type LogEntry = z.infer<typeof logEntrySchema>;
