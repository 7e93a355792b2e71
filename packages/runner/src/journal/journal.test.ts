import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newAttemptToken, newTaskId } from '@booner/protocol/task-id';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openJournal } from './journal.ts';
import type { JournalEntry } from './journal-entry.ts';

async function journalFile() {
  const directory = await mkdtemp(join(tmpdir(), 'booner-journal-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, 'journal.jsonl');
  const problems: unknown[] = [];
  const open = () =>
    openJournal(path, {
      onUnreadable: (lines) => void problems.push(lines),
      onNotCompacted: (error) => void problems.push(error),
    });
  const lines = async () => (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return { path, open, lines, problems };
}

const about = () => ({ task: newTaskId(), attempt: newAttemptToken(), atMs: Date.now() });
const instance = 'aaaaaaaaaaaa.bbbbbbbbbbbb';
const started = (): Extract<JournalEntry, { type: 'started' }> => ({
  type: 'started',
  ...about(),
  instance,
  action: 'a',
  number: 1,
  idempotent: false,
});

describe('the journal', () => {
  it('is in the file when append returns, and is read again', async () => {
    const { path, open, lines } = await journalFile();
    const entry = started();
    {
      await using journal = await open();
      await journal.append(entry);
      expect((await lines()).map((line) => JSON.parse(line))).toEqual([entry]);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
    await using again = await open();
    expect(again.attempts.running()).toEqual([entry]);
  });

  it('writes what is given at one time in its order, without a line too many or few', async () => {
    const { open, lines } = await journalFile();
    const entries = Array.from({ length: 100 }, started);
    await using journal = await open();
    await Promise.all(entries.map((entry) => journal.append(entry)));
    expect((await lines()).map((line) => JSON.parse(line).task)).toEqual(entries.map(({ task }) => task));
  });

  it('says that a torn last line is left out, and goes on after it', async () => {
    const { path, open, lines, problems } = await journalFile();
    const [kept, next] = [started(), started()];
    await writeFile(path, `${JSON.stringify(kept)}\n{"type":"started","task":"ab`);
    await using journal = await open();
    await journal.append(next);
    expect(problems).toEqual([1]);
    expect((await lines()).map((line) => JSON.parse(line).task)).toEqual([kept.task, next.task]);
  });

  it('forgets in the file what was settled long ago', async () => {
    const { path, open, lines } = await journalFile();
    const { task, attempt } = started();
    const old: JournalEntry[] = [
      { ...started(), task, attempt, atMs: 0 },
      {
        ...{ type: 'ended', task, attempt, atMs: 0, instance, logLines: 0 },
        outcome: { status: 'completed', result: null, error: null },
      },
      { type: 'settled', task, attempt, atMs: 0 },
    ];
    await appendFile(path, old.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    await using _ = await open();
    expect(await lines()).toEqual([]);
  });

  it('stays bounded however much goes through it', async () => {
    const { path, open, problems } = await journalFile();
    await using journal = await open();
    const outcome = { status: 'completed', result: { details: 'x'.repeat(4000) }, error: null } as const;
    for (let round = 0; round < 12; round += 1) {
      const batch = Array.from({ length: 100 }, started);
      await Promise.all(
        batch.flatMap((entry) => {
          const { task, attempt, atMs } = entry;
          return [
            journal.append(entry),
            journal.append({ type: 'ended', task, attempt, atMs, instance, outcome, logLines: 0 }),
            journal.append({ type: 'settled', task, attempt, atMs }),
          ];
        }),
      );
    }
    // 5 MB went in; 200 remembered ends of 4 KB, a round of 100 and the megabyte after which it is
    // written anew may be there.
    expect((await stat(path)).size).toBeLessThan(2.4 * 1024 * 1024);
    expect(problems).toEqual([]);
    expect(journal.attempts.running()).toEqual([]);
  });
});
