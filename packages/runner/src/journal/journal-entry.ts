import {
  outcomeSchema,
  runnerInstanceSchema,
  taskArtefactsSchema,
  taskIdSchema,
  taskStepsSchema,
} from '@booner/protocol';
import type { AttemptToken } from '@booner/protocol/task-id';
import { z } from 'zod';

const ofAttempt = {
  task: taskIdSchema,
  attempt: z.custom<AttemptToken>((value) => typeof value === 'string' && value !== ''),
  /** Unix milliseconds of this host's clock. Used by people, and to forget old settled attempts. */
  atMs: z.int(),
};

/** A line of the journal, which the runner needs after it was killed. */
const journalEntrySchema = z.discriminatedUnion('type', [
  /**
   * On the disk before anything is spawned. Keeps an attempt from starting again unless it is
   * idempotent.
   */
  z.object({
    type: z.literal('started'),
    ...ofAttempt,
    instance: runnerInstanceSchema,
    action: z.string(),
    idempotent: z.boolean(),
    /** Number of this start of the task. Runners before 0.2 did not write it. */
    number: z.int().positive().default(1),
  }),
  z.object({
    type: z.literal('ended'),
    ...ofAttempt,
    instance: runnerInstanceSchema,
    outcome: outcomeSchema,
    logLines: z.int().nonnegative(),
    /** Number of the task's last start. Absent: unknown. */
    number: z.int().positive().optional(),
    /** Absent for an action with one command, and if the runner was killed. */
    steps: taskStepsSchema.optional(),
    /** Absent without artefacts, and if the runner was killed. */
    artefacts: taskArtefactsSchema.optional(),
  }),
  /**
   * The hubs know the end of the attempt, or gave it up: it is not reported any more. Without an
   * end, the task may start again.
   */
  z.object({ type: z.literal('settled'), ...ofAttempt }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
export type StartedEntry = Extract<JournalEntry, { type: 'started' }>;
export type EndedEntry = Extract<JournalEntry, { type: 'ended' }>;

/**
 * Parses the text of a journal. Skips unreadable lines: a last line that a crash tore, or one whose
 * write failed (a full disk). Nothing was done based on either, as its writer got no confirmation.
 * @returns `unreadable`: the number of skipped lines
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
