import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Task } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell, waiting } from './actions.ts';
import { processesOfTask, readProcessTable } from './process-table.ts';
import { type Answer, startTaskBed } from './task-bed.ts';

const RACES = 200;
/** The most tasks that may wait for a target. */
const AT_A_TIME = 20;
/** From none to more than a claim takes, so that either side wins some. */
const MAX_LEAD_MS = 40;
const GRACE_MS = 10_000;

type Race = { readonly answer: Answer; readonly task: Task };

describe.concurrent('a cancel', () => {
  it(`that races the claim, ${RACES} times, prevents its start or ends it, and never lets it complete`, async () => {
    await using bed = await startTaskBed({
      hubs: 2,
      actions: (directory) => ({
        long: {
          ...shell('echo "$BOONER_TASK_ID" >> "$1/starts"; exec sleep 300', directory),
          concurrency: AT_A_TIME,
        },
      }),
      runnerEnv: { BOONER_CONCURRENCY: `${AT_A_TIME}` },
    });
    const race = async (round: number): Promise<Race> => {
      const id = await bed.create('long');
      await wait((MAX_LEAD_MS * (round % 10)) / 10);
      const answer = await bed.cancel(id, bed.hubs[1]);
      return { answer, task: await bed.untilEnded(id) };
    };
    const races: Race[] = [];
    let round = 0;
    const lane = async () => {
      while (round < RACES) races.push(await race(round++));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, lane));

    const starts = (await readFile(join(bed.directory, 'starts'), 'utf8')).trim().split('\n');
    expect(new Set(starts).size).toBe(starts.length);
    expect(races).toHaveLength(RACES);
    const outcomes = Map.groupBy(races, ({ answer }) => String(answer.body.status));
    for (const { answer, task } of races) {
      expect({ code: answer.status, status: task.status }).toEqual({ code: 202, status: 'cancelled' });
    }
    for (const { task } of outcomes.get('cancelled') ?? []) {
      expect(task).toMatchObject({ attempt: 0, startedAtMs: null });
      expect(starts).not.toContain(task.id);
    }
    // Otherwise nothing raced.
    expect([...outcomes.keys()].sort()).toEqual(['cancelled', 'running']);
    expect(Math.min(...[...outcomes.values()].map(({ length }) => length))).toBeGreaterThan(RACES / 50);
    const ids = new Set(races.map(({ task }) => `BOONER_TASK_ID=${task.id}`));
    const left = (await readProcessTable()).filter(({ environment }) =>
      environment.split('\0').some((variable) => ids.has(variable)),
    );
    expect(left).toEqual([]);
    expect(await bed.operator.xlen('booner:queue:10.0.0.2')).toBe(0);
    expect(await bed.operator.scard('booner:queued:10.0.0.2')).toBe(0);
  });

  it('of an action that ignores TERM, with a child in a session of its own, is reported when no process is left', async () => {
    const script = `trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 0.05; done' & echo running; while :; do sleep 0.05; done`;
    await using bed = await startTaskBed({ actions: () => ({ stubborn: shell(script) }) });
    const id = await bed.create('stubborn');
    await bed.untilSaid(id, 'running');
    const sessions = async () =>
      new Set(
        await Promise.all(
          (await processesOfTask(id)).map(async (pid) =>
            (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /s, '').split(' ').at(3),
          ),
        ),
      );
    await eventually(async () => (await sessions()).size === 2, { what: 'the child' });
    const startMs = performance.now();
    expect(await bed.cancel(id)).toMatchObject({ status: 202, body: { status: 'running' } });
    let seenAlive = 0;
    const task = await bed.until(id, 'the end', ({ status }) => {
      if (status === 'running') seenAlive += 1;
      return status !== 'running';
    });
    expect(await processesOfTask(id)).toEqual([]);
    expect(task).toMatchObject({ status: 'cancelled', result: null });
    expect(performance.now() - startMs).toBeGreaterThan(GRACE_MS);
    expect(seenAlive).toBeGreaterThan(0);
  });

  it('that is repeated gets the same answer and changes nothing; after another end it is a conflict', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({
        slow: shell(
          `trap 'while [ ! -e "$1/go" ]; do sleep 0.05; done; exit 0' TERM; echo running; while :; do sleep 0.05; done`,
          directory,
        ),
        quick: shell('echo done'),
        wait: waiting(directory),
      }),
      runnerEnv: { BOONER_CONCURRENCY: '1' },
    });
    const running = await bed.create('slow');
    await bed.untilSaid(running, 'running');
    const queued = await bed.create('wait');
    const first = await bed.cancel(running);
    expect(first).toMatchObject({ status: 202, body: { task_id: running, status: 'running' } });
    expect(await bed.cancel(running)).toEqual(first);
    expect(await bed.cancel(queued)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    expect(await bed.cancel(queued)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    await writeFile(join(bed.directory, 'go'), '');
    expect(await bed.untilEnded(running)).toMatchObject({ status: 'cancelled' });
    expect(await bed.cancel(running)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
    const kinds = async (id: string) =>
      (await bed.events(id)).map(({ kind }) => kind).filter((kind) => kind !== 'progress'); // of its output
    expect(await kinds(running)).toEqual(['created', 'started', 'cancelling', 'ended']);
    expect(await kinds(queued)).toEqual(['created', 'ended']);

    const quick = await bed.create('quick');
    const before = await bed.untilEnded(quick);
    expect(await bed.cancel(quick)).toMatchObject({ status: 409, body: { title: 'Task has ended' } });
    expect(await bed.read(quick)).toEqual(before);
    expect(before).toMatchObject({ status: 'completed' });
    expect(await bed.cancel('V1StGXR8_Z5jdHi6B-myT')).toMatchObject({ status: 404 });
  });
});
