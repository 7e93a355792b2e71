import { BusError } from '@booner/bus';
import { type LogEntry, parseTaskId, type TaskId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';

const HOST = '10.0.0.2';
const PLAIN = { accept: 'text/plain' };

async function taskWithLog(hub: TestHub, entries: readonly LogEntry[]): Promise<TaskId> {
  const runner = await hub.startRunner(HOST, [{ name: 'say', parameters: [], timeoutSeconds: 60 }]);
  const { json } = await hub.ask('POST', '/tasks', { host: HOST, action: 'say' });
  const id = parseTaskId(json.task_id)!;
  await runner.bus.appendLog(id, entries);
  return id;
}

const entry = (line: number, text: string): LogEntry => ({ line, stream: 'stdout', text });

describe('GET /tasks/:id/log', () => {
  it('gives lines after a number, and where to go on', async () => {
    await using hub = startTestHub();
    const id = await taskWithLog(hub, [entry(1, 'a\nb'), { line: 3, stream: 'stderr', text: 'c' }]);
    expect((await hub.ask('GET', `/tasks/${id}/log`)).json).toEqual({
      task_id: id,
      lines: [
        { line: 1, stream: 'stdout', text: 'a' },
        { line: 2, stream: 'stdout', text: 'b' },
        { line: 3, stream: 'stderr', text: 'c' },
      ],
      dropped_lines: 0,
      next_after_line: 3,
    });
    const first = (await hub.ask('GET', `/tasks/${id}/log?limit=1`)).json;
    expect(first).toMatchObject({ lines: [{ line: 1, text: 'a' }], next_after_line: 1 });
    expect(first.lines).toHaveLength(1);
    const page = (await hub.ask('GET', `/tasks/${id}/log?limit=1&after_line=1`)).json;
    expect(page).toMatchObject({ lines: [{ line: 2 }], dropped_lines: 0, next_after_line: 2 });
    const last = (await hub.ask('GET', `/tasks/${id}/log?after_line=3`)).json;
    expect(last).toMatchObject({ lines: [], dropped_lines: 0, next_after_line: 3 });
  });

  it('states the lines that were dropped, as JSON and in the text', async () => {
    await using hub = startTestHub();
    const id = await taskWithLog(hub, [entry(3, 'c'), entry(5, 'e'), entry(6, 'ä <b>')]);
    expect((await hub.ask('GET', `/tasks/${id}/log`)).json).toMatchObject({
      dropped_lines: 3,
      next_after_line: 6,
    });
    const { text, headers } = await hub.ask('GET', `/tasks/${id}/log`, undefined, PLAIN);
    expect(text).toBe('[2 lines were dropped]\nc\n[1 line was dropped]\ne\nä <b>\n');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(headers.get('vary')).toContain('Accept');
  });

  it('gives a log of many pages as one text, or as much of it as is asked for', async () => {
    await using hub = startTestHub();
    const entries = Array.from({ length: 500 }, (_, i) => {
      const numbers = Array.from({ length: 7 }, (_, j) => i * 7 + j + 1);
      return entry(numbers[0]!, numbers.join('\n'));
    });
    const id = await taskWithLog(hub, entries);
    const whole = (await hub.ask('GET', `/tasks/${id}/log`, undefined, PLAIN)).text;
    expect(whole).toBe(Array.from({ length: 3500 }, (_, i) => `${i + 1}\n`).join(''));
    const part = await hub.ask('GET', `/tasks/${id}/log?after_line=10&limit=3`, undefined, PLAIN);
    expect(part.text).toBe('11\n12\n13\n');
  });

  it('ends the text where the log ended when it was asked for', async () => {
    let pages = 0;
    await using hub = startTestHub({
      wrap: (bus) => ({
        ...bus,
        readLog: async (id, from, max) => {
          if (++pages > 10) throw new Error('read on and on');
          await talk(id);
          return bus.readLog(id, from, max);
        },
      }),
    });
    let line = 0;
    const runner = await hub.startRunner(HOST, [{ name: 'say', parameters: [], timeoutSeconds: 60 }]);
    const talk = (id: TaskId) => runner.bus.appendLog(id, [entry(++line, 'more')]);
    const { json } = await hub.ask('POST', '/tasks', { host: HOST, action: 'say' });
    await talk(json.task_id);
    const { text } = await hub.ask('GET', `/tasks/${json.task_id}/log`, undefined, PLAIN);
    expect(text).toMatch(/^more\n/);
    expect(pages).toBe(1);
  });

  it('is empty for a task that said nothing', async () => {
    await using hub = startTestHub();
    const id = await taskWithLog(hub, []);
    expect((await hub.ask('GET', `/tasks/${id}/log`)).json).toMatchObject({ lines: [], next_after_line: 0 });
    expect(await hub.ask('GET', `/tasks/${id}/log`, undefined, PLAIN)).toMatchObject({
      status: 200,
      text: '',
    });
  });

  it.each(['after_line=-1', 'after_line=x', 'after_line=1.5', 'limit=0', 'limit=5001'])(
    'refuses ?%s',
    async (query) => {
      await using hub = startTestHub();
      const id = await taskWithLog(hub, []);
      const { status, json } = await hub.ask('GET', `/tasks/${id}/log?${query}`);
      expect({ status, pointer: json.errors[0].pointer }).toEqual({
        status: 400,
        pointer: `/${query.split('=')[0]}`,
      });
    },
  );

  it('is a 404 for an unknown task and a 503 while the bus is disconnected', async () => {
    const away = () => Promise.reject(new BusError('disconnected', 'away'));
    await using hub = startTestHub({ wrap: (bus) => ({ ...bus, readLog: away, readLogTail: away }) });
    expect(await hub.ask('GET', '/tasks/V1StGXR8_Z5jdHi6B-myT/log')).toMatchObject({ status: 404 });
    const id = await taskWithLog(hub, []);
    expect(await hub.ask('GET', `/tasks/${id}/log`)).toMatchObject({ status: 503 });
    expect(await hub.ask('GET', `/tasks/${id}/log`, undefined, PLAIN)).toMatchObject({ status: 503 });
  });

  it('breaks off, without a warning of its own, when the bus is lost in the middle', async () => {
    let pages = 0;
    await using hub = startTestHub({
      wrap: (bus) => ({
        ...bus,
        readLog: (id, from, max) =>
          pages++ === 0 ? bus.readLog(id, from, max) : Promise.reject(new BusError('disconnected', 'away')),
      }),
    });
    const id = await taskWithLog(
      hub,
      Array.from({ length: 1500 }, (_, i) => entry(i + 1, 'x')),
    );
    await expect(hub.ask('GET', `/tasks/${id}/log`, undefined, PLAIN)).rejects.toThrow('away');
    expect(hub.logged).toMatchObject([{ level: 'debug', message: 'a log could not be sent to its end' }]);
  });
});
