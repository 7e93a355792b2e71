import {
  type LogLine,
  logLineSchema,
  MAX_LOG_ENTRIES,
  MAX_LOG_ENTRY_BYTES,
  MAX_LOG_LINE_BYTES,
} from '@booner/protocol';
import { eventually, openTaskClient } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell } from './actions.ts';
import { send, startTaskBed, type TaskBed } from './task-bed.ts';

const LINES = 200_000;
/** Redis trims by whole nodes of a stream, of a hundred entries. */
const MAX_KEPT_ENTRIES = MAX_LOG_ENTRIES + 100;
const END_MS = 60_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the only escape sequences that may stay
const COLOUR = /\x1b\[[\d;:]*m/g;

type Page = {
  readonly lines: readonly LogLine[];
  readonly dropped_lines: number;
  readonly next_after_line: number;
};

/** Reads a log over HTTP from its first line to its last, by pages. */
async function readPages(bed: TaskBed, id: string): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (let after = 0; ; after = pages.at(-1)!.next_after_line) {
    const { body } = await send(bed.hub, 'GET', `/tasks/${id}/log?after_line=${after}&limit=5000`);
    const page = body as Page;
    pages.push(page);
    if (page.lines.length === 0) return pages;
  }
}

/** Collects the log of a task as a client receives it that follows the task to its end. */
async function follow(bed: TaskBed, id: string, afterLine?: number) {
  using client = await openTaskClient(bed.hub.url, { version: 2 });
  client.send({ type: 'follow', taskId: id, ...(afterLine === undefined ? {} : { afterLine }) });
  const logs = () => client.received.flatMap(({ message }) => (message.type === 'log' ? message : []));
  await eventually(() => logs().at(-1)?.end, { deadlineMs: END_MS, what: 'the end of the log' });
  return logs();
}

/**
 * Expects lines to be in order. Returns how many are missing before the first and between others.
 */
function missingFrom(lines: readonly LogLine[], after: number): { before: number; between: number } {
  let [before, between, last] = [0, 0, after];
  for (const [at, { line }] of lines.entries()) {
    if (line <= last) throw new Error(`line ${line} comes after line ${last}`);
    if (at === 0) before = line - last - 1;
    else between += line - last - 1;
    last = line;
  }
  return { before, between };
}

describe.concurrent('the log of a task', () => {
  it(`of ${LINES} lines is bounded and in order, and counts the dropped lines, over HTTP and in the stream`, async () => {
    // With pauses, so that more of it reaches Redis than the stream keeps.
    const script = `awk 'BEGIN { for (n = 1; n <= ${LINES}; n++) { printf "%d %0120d\\n", n, n; if (n % 5000 == 0) { fflush(); system("sleep 0.05") } } }'`;
    await using bed = await startTaskBed({ actions: () => ({ flood: shell(script) }) });
    const id = await bed.create('flood');
    const following = follow(bed, id, 0);
    const { logLines, status } = await bed.untilEnded(id, END_MS);
    expect({ logLines, status }).toEqual({ logLines: LINES, status: 'completed' });
    const isRight = ({ line, text }: LogLine) => text === `${line} ${`${line}`.padStart(120, '0')}`;

    const followed = await following;
    let last = 0;
    for (const { lines, droppedLines } of followed) {
      if (lines.length > 0) expect(missingFrom(lines, last).before).toBe(droppedLines);
      last = lines.at(-1)?.line ?? last + droppedLines;
    }
    expect(last).toBe(LINES);
    expect(followed.flatMap(({ lines }) => lines).filter((line) => !isRight(line))).toEqual([]);

    const key = `booner:log:${id}`;
    expect(await bed.operator.xlen(key)).toBeLessThanOrEqual(MAX_KEPT_ENTRIES);
    expect(Number(await bed.operator.memory('USAGE', key))).toBeLessThan(
      MAX_KEPT_ENTRIES * (MAX_LOG_ENTRY_BYTES + 200),
    );
    const pages = await readPages(bed, id);
    const kept = pages.flatMap(({ lines }) => lines.map((line) => logLineSchema.parse(line)));
    expect(kept.length).toBeLessThan(LINES);
    expect(kept.length).toBeGreaterThan(10_000);
    expect(kept.filter((line) => !isRight(line))).toEqual([]);
    for (const [at, { lines, dropped_lines }] of pages.entries()) {
      const { before, between } = missingFrom(lines, pages[at - 1]?.next_after_line ?? 0);
      expect(before + between).toBe(dropped_lines);
    }
    expect(pages.at(-1)?.next_after_line).toBe(LINES);

    const response = await bed.hub.get(`/tasks/${id}/log`, { headers: { accept: 'text/plain' } });
    const texts = (await response.text()).trimEnd().split('\n');
    const dropped = texts.flatMap((text) => /^\[(\d+) lines? (?:was|were) dropped\]$/.exec(text)?.[1] ?? []);
    expect(dropped.reduce((sum, count) => sum + Number(count), 0)).toBe(LINES - kept.length);
    expect(texts).toHaveLength(kept.length + dropped.length);

    const tail = await follow(bed, id);
    expect(tail.flatMap(({ lines }) => lines.map(({ line }) => line))).toEqual(
      Array.from({ length: 500 }, (_, at) => LINES - 499 + at),
    );
    expect(bed.runner.lines.stderr).toEqual([]);
  });

  it('keeps the beginning of a line of 10 MB without an end, says so, and keeps no control characters of binary output but tabs and colours', async () => {
    await using bed = await startTaskBed({
      actions: () => ({
        endless: shell('head -c 10000000 /dev/zero | tr "\\0" x'),
        binary: shell('head -c 300000 /dev/urandom; printf "\\033[31mred\\033[0m\\000\\a\\bend\\n"; exit 3'),
      }),
    });
    const endless = await bed.create('endless');
    const binary = await bed.create('binary');
    expect(await bed.untilEnded(endless, END_MS)).toMatchObject({ status: 'completed', logLines: 1 });
    const [line, ...others] = await bed.log(endless);
    expect(others).toEqual([]);
    expect(Buffer.byteLength(line!.text)).toBeLessThanOrEqual(MAX_LOG_LINE_BYTES);
    const [, begin, left] = /^(x+)[^x].*?(\d+) bytes dropped/.exec(line!.text) ?? [];
    expect(begin!.length + Number(left)).toBe(10_000_000);
    const followed = await follow(bed, endless, 0);
    expect(followed.flatMap(({ lines }) => lines)).toEqual([line]);

    const { status, error, logLines } = await bed.untilEnded(binary, END_MS);
    expect({ status, error }).toEqual({ status: 'failed', error: 'exit code 3' });
    const lines = await bed.log(binary);
    expect(lines.map((each) => each.line)).toEqual(Array.from({ length: logLines }, (_, at) => at + 1));
    for (const { text } of lines) expect(text.replaceAll(COLOUR, '')).not.toMatch(/[^\P{Cc}\t]|\p{Cs}/u);
    expect(lines.at(-1)?.text).toMatch(/\[31mred.\[0mend$/);
  });
});
