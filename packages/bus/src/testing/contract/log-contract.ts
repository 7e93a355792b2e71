import { type LogEntry, type LogLine, newTaskId, START_CURSOR, type TaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { TaskBus } from '../../task-ports.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { startScenario } from './task-scenario.ts';

const linesOf = (from: number, to: number): LogLine[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    line: from + index,
    stream: 'stdout',
    text: `line ${from + index}`,
  }));
/** One entry of several lines. */
const entryOf = (from: number, to: number): LogEntry => ({
  line: from,
  stream: 'stdout',
  text: linesOf(from, to)
    .map(({ text }) => text)
    .join('\n'),
});
const entries = (count: number, linesEach: number): LogEntry[] =>
  Array.from({ length: count }, (_, index) => entryOf(index * linesEach + 1, (index + 1) * linesEach));

/** The whole log, page by page. */
async function readPages(hub: TaskBus, id: TaskId, max: number, afterLine = 0) {
  const lines: LogLine[] = [];
  let droppedLines = 0;
  let page = await hub.readLog(id, { afterLine }, max);
  while (page.lines.length > 0) {
    lines.push(...page.lines);
    if (lines.length > 10_000) throw new Error('the pages do not end');
    droppedLines += page.droppedLines;
    page = await hub.readLog(id, { afterLine: lines.at(-1)?.line ?? 0, after: page.cursor }, max);
  }
  return { lines, droppedLines };
}

export function describeLogs(startBus: StartTaskBus): void {
  const startLog = async (...batches: LogEntry[][]) => {
    const scene = await startScenario(startBus);
    const { runner } = await scene.startRunner();
    const { id } = await scene.create();
    for (const batch of batches) expect(await runner.appendLog(id, batch)).toBe('sent');
    return { ...scene, runner, id };
  };

  describe('a log', () => {
    it('without lines is empty', async () => {
      await using scene = await startLog();
      const empty = { lines: [], droppedLines: 0, cursor: START_CURSOR };
      expect(await scene.hub.readLogTail(scene.id, 10)).toEqual(empty);
      expect(await scene.hub.readLog(newTaskId(), { afterLine: 0 }, 10)).toEqual(empty);
      const from = new Map([[scene.id, { afterLine: 0, after: START_CURSOR }]]);
      expect(await scene.hub.readLogs(from, 10)).toEqual(new Map());
    });

    it('has a line for each one written, with its number and stream', async () => {
      await using scene = await startLog(
        [entryOf(1, 2), { line: 3, stream: 'stderr', text: 'Größe ☃' }],
        [
          { line: 4, stream: 'runner', text: '' },
          { line: 5, stream: 'stdout', text: '\n\nend' },
        ],
      );
      const expected: LogLine[] = [
        ...linesOf(1, 2),
        { line: 3, stream: 'stderr', text: 'Größe ☃' },
        { line: 4, stream: 'runner', text: '' },
        { line: 5, stream: 'stdout', text: '' },
        { line: 6, stream: 'stdout', text: '' },
        { line: 7, stream: 'stdout', text: 'end' },
      ];
      expect((await scene.hub.readLogTail(scene.id, 100)).lines).toEqual(expected);
      expect((await scene.hub.readLog(scene.id, { afterLine: 0 }, 100)).lines).toEqual(expected);
    });

    it.each([1, 3, 7, 40, 1000])(
      'read %i lines at a time is whole, in order, and without repetitions',
      async (max) => {
        await using scene = await startLog(entries(20, 3));
        expect(await readPages(scene.hub, scene.id, max)).toEqual({ lines: linesOf(1, 60), droppedLines: 0 });
        expect((await readPages(scene.hub, scene.id, max, 31)).lines).toEqual(linesOf(32, 60));
        expect((await readPages(scene.hub, scene.id, max, 60)).lines).toEqual([]);
      },
    );

    it.each([1, 2, 3, 10, 59, 60, 100])('has a tail of %i lines', async (max) => {
      await using scene = await startLog(entries(20, 3));
      const tail = await scene.hub.readLogTail(scene.id, max);
      expect(tail.lines).toEqual(linesOf(Math.max(1, 61 - max), 60));
      expect(tail.droppedLines).toBe(Math.max(0, 60 - max));
    });

    it('goes on after its tail', async () => {
      await using scene = await startLog(entries(5, 2));
      const { hub, id, runner } = scene;
      const { cursor } = await hub.readLogTail(id, 3);
      const from = { afterLine: 10, after: cursor };
      expect(await hub.readLog(id, from, 10)).toEqual({ lines: [], droppedLines: 0, cursor });
      await runner.appendLog(id, [entryOf(11, 12)]);
      const page = await hub.readLog(id, from, 10);
      expect(page.lines).toEqual(linesOf(11, 12));
      expect(await hub.readLogs(new Map([[id, from]]), 10)).toEqual(new Map([[id, page]]));
    });

    it('counts once what was appended twice, because the answer was lost', async () => {
      await using scene = await startLog([entryOf(1, 4)], [entryOf(1, 4)], [entryOf(5, 6)]);
      expect((await scene.hub.readLogTail(scene.id, 5)).lines).toEqual(linesOf(2, 6));
      expect(await readPages(scene.hub, scene.id, 2)).toEqual({ lines: linesOf(1, 6), droppedLines: 0 });
    });

    it('says how many lines the runner dropped', async () => {
      await using scene = await startLog([entryOf(1, 2)]);
      const { hub, id, runner } = scene;
      const { cursor } = await hub.readLogTail(id, 10);
      await runner.appendLog(id, [entryOf(1003, 1004)]);
      expect(await hub.readLog(id, { afterLine: 2, after: cursor }, 10)).toMatchObject({
        lines: linesOf(1003, 1004),
        droppedLines: 1000,
      });
    });

    it('keeps about 2,000 entries, and says how many lines went', async () => {
      await using scene = await startLog(entries(2500, 2));
      const { lines, droppedLines } = await readPages(scene.hub, scene.id, 500);
      expect(lines.length).toBeGreaterThanOrEqual(4000);
      expect(lines.length).toBeLessThan(4500);
      expect(droppedLines).toBe(5000 - lines.length);
      expect(lines).toEqual(linesOf(droppedLines + 1, 5000));
      const stale = { afterLine: 10, after: START_CURSOR };
      expect((await scene.hub.readLog(scene.id, stale, 10)).droppedLines).toBe(droppedLines - 10);
    });

    it('is read together with others, of which only those with news answer', async () => {
      await using scene = await startLog(entries(3, 1));
      const { hub, id, runner } = scene;
      const other = await scene.create();
      const silent = await scene.create();
      await runner.appendLog(other.id, [entryOf(1, 5)]);
      const { cursor } = await hub.readLogTail(id, 10);
      const from = new Map([
        [id, { afterLine: 3, after: cursor }],
        [other.id, { afterLine: 2, after: START_CURSOR }],
        [silent.id, { afterLine: 0, after: START_CURSOR }],
      ]);
      const pages = await hub.readLogs(from, 100);
      expect([...pages.keys()]).toEqual([other.id]);
      expect(pages.get(other.id)).toMatchObject({ lines: linesOf(3, 5), droppedLines: 0 });
      expect(await hub.readLogs(new Map(), 100)).toEqual(new Map());
    });
  });
}
