// @vitest-environment happy-dom
import { eventually } from '@booner/testkit';
import { renderHook } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { useConnection, useTask, useTaskLog, useTaskUpdates } from './index.ts';
import { type HookBed, startHookBed, TIMES } from './testing/hook-bed.ts';

async function makeTask(bed: HookBed): Promise<string> {
  const task = { host: '127.0.0.1', action: 'outside', external: true, status: 'running' };
  return ((await bed.ask('/tasks', 'POST', task)) as { task_id: string }).task_id;
}

describe('useTaskUpdates', () => {
  it('is the map of GET /tasks, and draws for a status, a result or an error alone', async () => {
    await using bed = await startHookBed();
    let draws = 0;
    const { result } = renderHook(() => {
      draws++;
      const { tasks, loading, error } = useTaskUpdates();
      return { tasks, loading, error };
    }, bed);
    expect(result.current).toEqual({ tasks: {}, loading: true, error: null });
    await eventually(() => !result.current.loading, { ...TIMES, what: 'the tasks' });
    expect(result.current.tasks).toEqual({});

    const [failing, working] = [await makeTask(bed), await makeTask(bed)];
    const isShown = async () => {
      expect({ tasks: result.current.tasks }).toEqual(await bed.ask('/tasks'));
      return true;
    };
    await eventually(() => Object.keys(result.current.tasks).length === 2, { ...TIMES, what: 'both tasks' });
    await eventually(isShown, { ...TIMES, what: 'the map of the hub' });
    const entry = result.current.tasks[working];

    const drawsBefore = draws;
    for (let progress = 1; progress <= 20; progress++)
      await bed.ask(`/tasks/${working}`, 'PATCH', { progress });
    const progressOf = () => bed.client.tasks.getSnapshot().tasks.get(working as never)?.progressPercent;
    await eventually(() => progressOf() === 20, { ...TIMES, what: 'the progress' });
    expect(draws).toBe(drawsBefore);

    await bed.ask(`/tasks/${failing}`, 'PATCH', {
      status: 'failed',
      error: 'Failed to deploy: Connection refused',
    });
    await eventually(() => result.current.tasks[failing]?.status === 'failed', {
      ...TIMES,
      what: 'the failure',
    });
    expect(result.current.tasks[failing]).toEqual({
      status: 'failed',
      error: 'Failed to deploy: Connection refused',
    });
    expect(result.current.tasks[working]).toBe(entry);
    expect(draws).toBe(drawsBefore + 1);
    await bed.ask(`/tasks/${working}`, 'PATCH', { status: 'completed', result: { details: 'done' } });
    await eventually(() => result.current.tasks[working]?.result, { ...TIMES, what: 'the result' });
    await eventually(isShown, { ...TIMES, what: 'the map of the hub' });
  });

  it('draws a component that reads the age once a second, and no other', async () => {
    await using bed = await startHookBed();
    const ages: (number | null)[] = [];
    let draws = 0;
    let connectionAge: number | null = null;
    renderHook(() => ages.push(useTaskUpdates().ageMs), bed);
    renderHook(() => {
      useTaskUpdates();
      draws++;
    }, bed);
    renderHook(() => {
      connectionAge = useConnection().ageMs;
    }, bed);
    await eventually(() => ages.at(-1) !== null, { ...TIMES, what: 'the first age' });
    const [drawsBefore, agesBefore] = [draws, ages.length];
    await eventually(() => (ages.at(-1) ?? 0) > 2000, { ...TIMES, what: 'an age of two seconds' });
    expect(draws).toBe(drawsBefore);
    const shown = ages.slice(agesBefore) as number[];
    expect(shown.length).toBeGreaterThanOrEqual(2);
    expect(shown.length).toBeLessThanOrEqual(5);
    expect(shown).toEqual(shown.toSorted((a, b) => a - b));
    expect(connectionAge).toBeGreaterThan(1000);
  });
});

describe('the hooks of one task', () => {
  it('follow it and its output to the end', async () => {
    await using bed = await startHookBed();
    const task = { host: '127.0.0.1', action: 'countdown', params: { seconds: 2 } };
    const { task_id: id } = (await bed.ask('/tasks', 'POST', task)) as { task_id: string };
    const states: string[] = [];
    const { result } = renderHook(() => {
      const state = useTask(id);
      const status = state.type === 'found' ? state.task.status : state.type;
      if (states.at(-1) !== status) states.push(status);
      return { state, log: useTaskLog(id, { afterLine: 0 }), connection: useConnection() };
    }, bed);
    expect(result.current.log).toMatchObject({ lines: [], isLoaded: false });
    await eventually(() => result.current.log.isEnded, { ...TIMES, what: 'the end of the log' });
    await eventually(() => states.at(-1) === 'completed', { ...TIMES, what: 'the end of the task' });
    const { lines } = (await bed.ask(`/tasks/${id}/log`)) as { lines: object[] };
    expect(lines.length).toBeGreaterThan(1);
    expect(result.current.log.lines).toEqual(lines);
    expect(states[0]).toBe('loading');
    expect(states.slice(-2)).toEqual(['running', 'completed']);
    expect(result.current.connection).toMatchObject({ type: 'live', transport: 'websocket' });
  });

  it('report an unknown task', async () => {
    await using bed = await startHookBed();
    const { result, rerender } = renderHook(({ id }) => ({ task: useTask(id), log: useTaskLog(id) }), {
      ...bed,
      initialProps: { id: 'AAAAAAAAAAAAAAAAAAAAA' },
    });
    await eventually(() => result.current.task.type === 'unknown', { ...TIMES, what: 'the answer' });
    await eventually(() => result.current.log.error?.code === 'not_found', { ...TIMES, what: 'the error' });
    const id = await makeTask(bed);
    rerender({ id });
    expect(result.current.log.error).toBeNull();
    await eventually(() => result.current.task.type === 'found', { ...TIMES, what: 'the other task' });
  });
});
