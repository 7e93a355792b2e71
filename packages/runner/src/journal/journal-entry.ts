import { outcomeSchema, runnerInstanceSchema, taskIdSchema } from '@booner/protocol';
import type { AttemptToken } from '@booner/protocol/task-id';
import { z } from 'zod';

const ofAttempt = {
  task: taskIdSchema,
  attempt: z.custom<AttemptToken>((value) => typeof value === 'string' && value !== ''),
  /** Unix milliseconds of this machine's clock; for the reader of the file, and to forget what was settled long ago. */
  atMs: z.int(),
};

/** One line of the journal: what the runner must know of an attempt after it was killed. */
const journalEntrySchema = z.discriminatedUnion('type', [
  /** On the disk before anything is spawned: with it the attempt is never started again, unless its action is idempotent. */
  z.object({
    type: z.literal('started'),
    ...ofAttempt,
    instance: runnerInstanceSchema,
    action: z.string(),
    idempotent: z.boolean(),
  }),
  z.object({
    type: z.literal('ended'),
    ...ofAttempt,
    instance: runnerInstanceSchema,
    outcome: outcomeSchema,
    logLines: z.int().nonnegative(),
  }),
  /** The hubs know the end of it, or gave the attempt up: it need not be reported any more. */
  z.object({ type: z.literal('settled'), ...ofAttempt }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
export type StartedEntry = Extract<JournalEntry, { type: 'started' }>;
export type EndedEntry = Extract<JournalEntry, { type: 'ended' }>;

/**
 * Reads a journal's text. A line that is none is left out: the last one, torn by a crash while it was written, or one whose write failed
 * (a full disk) and was told so to its writer; nothing was done on the strength of either.
 * @returns `unreadable`: the lines left out
 */
export function parseJournal(text: string): {
  readonly entries: JournalEntry[];
  readonly unreadable: number;
} {
  const entries: JournalEntry[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = parseLine(line);
    if (entry === null) unreadable += 1;
    else entries.push(entry);
  }
  return { entries, unreadable };
}

export const journalLine = (entry: JournalEntry): string => `${JSON.stringify(entry)}\n`;

function parseLine(line: string): JournalEntry | null {
  try {
    return journalEntrySchema.safeParse(JSON.parse(line)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
