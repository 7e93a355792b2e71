import { type HostId, hostIdSchema, newTask, newTaskId, type Task, type TaskEvent } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import type { Metric } from '../feature/metric.ts';
import { createRequestDurations } from '../http/request-durations.ts';
import { PUBLIC, route, serve } from '../http/route.ts';
import { createEndedTasks } from '../tasks/ended-tasks.ts';
import { createTestApp } from '../testing/test-app.ts';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import { metricsRoutes } from './metrics-routes.ts';

const HOST = hostIdSchema.parse('10.0.0.1');

/** Lines of `/metrics` about metrics whose names start with `prefix`. */
function scraper(metrics: readonly Metric[], readable: Readable = EVERYTHING) {
  const app = createTestApp({ routes: metricsRoutes({ metrics, readableOf: () => readable }) });
  return async (prefix: string): Promise<string[]> => {
    const answer = await app.request('/metrics', { headers: { host: 'localhost' } });
    return (await answer.text()).split('\n').filter((line) => line.startsWith(prefix));
  };
}

it('shows event loop lag without the interval in which it is measured', async () => {
  const scrape = scraper([]);
  const lag = async (name: string) => {
    const [line = ''] = await scrape(`nodejs_eventloop_lag_${name}_seconds`);
    return Number(line.split(' ')[1]);
  };
  const quiet = async () => {
    const max = await lag('max'); // 0 until something was measured
    return max > 0 && max < 0.09; // with the interval it is never below 0.09
  };
  await eventually(quiet, { what: 'a short lag' });
  const blocked = async () => {
    const blockedUntilMs = performance.now() + 400;
    while (performance.now() < blockedUntilMs);
    return (await lag('max')) > 0.1; // of the try before: the timer is late once this one ends
  };
  await eventually(blocked, { what: 'the lag of a blocked event loop' });
  // Scraped again at once, there is nothing new.
  expect([await lag('p50'), await lag('mean')]).not.toContain(Number.NaN);
});

it('shows properties of targets as labels, of those that the reader may read', async () => {
  const hosts = [HOST, hostIdSchema.parse('10.0.0.2')];
  const info: Metric = {
    type: 'info',
    name: 'test_info',
    help: 'Test',
    labels: ['host', 'label'],
    read: () => hosts.map((host) => ({ host, label: 'a "b"\n' })),
  };
  expect(await scraper([info])('test_info')).toHaveLength(2);
  const one: Readable = { ...EVERYTHING, key: 'one', has: (host: HostId) => host === HOST };
  expect(await scraper([info], one)('test_info')).toEqual([
    String.raw`test_info{host="10.0.0.1",label="a \"b\"\n"} 1`,
  ]);
});

it('counts ended tasks by status from 0, and measures those that ran', async () => {
  const tasks = new Map<Task['id'], Task>();
  const ended = createEndedTasks({ get: (id) => tasks.get(id) ?? null }, { onEnded: () => {} });
  const scrape = scraper(ended.metrics);
  const counts = () => scrape('booner_hub_tasks_ended_total{');
  expect(await counts()).toEqual(
    ['completed', 'failed', 'cancelled'].map(
      (status) => `booner_hub_tasks_ended_total{status="${status}"} 0`,
    ),
  );
  const end = (change: Partial<Task>): TaskEvent => {
    const id = newTaskId();
    const created = { id, host: HOST, action: 'backup', params: {}, external: false, createdAtMs: 1000 };
    const task = { ...newTask(created), ...change, endedAtMs: 20_000 };
    tasks.set(id, task);
    const { version, host, status, endedAtMs } = task;
    return { cursor: '1-0', kind: 'ended', task: { id, version, host, status, endedAtMs } } as TaskEvent;
  };
  const completed = end({ status: 'completed', startedAtMs: 13_000 });
  ended.record([completed, { ...completed, kind: 'progress' }, end({ status: 'cancelled' })]);
  expect(await counts()).toEqual([
    'booner_hub_tasks_ended_total{status="completed"} 1',
    'booner_hub_tasks_ended_total{status="failed"} 0',
    'booner_hub_tasks_ended_total{status="cancelled"} 1',
  ]);
  const durations = await scrape('booner_hub_task_duration_seconds');
  expect(durations).toEqual(
    expect.arrayContaining([
      'booner_hub_task_duration_seconds_bucket{le="5",status="completed"} 0',
      'booner_hub_task_duration_seconds_bucket{le="15",status="completed"} 1',
      'booner_hub_task_duration_seconds_sum{status="completed"} 7',
      'booner_hub_task_duration_seconds_count{status="cancelled"} 0',
    ]),
  );
});

it('measures requests by method, route and status class, never by path', async () => {
  const { histogram, measure } = createRequestDurations();
  const hello = route({ method: 'get', path: '/hello/{name}', access: PUBLIC });
  const fail = route({ method: 'post', path: '/fail', access: PUBLIC });
  const app = createTestApp({
    measure,
    routes: [
      serve(hello, (c) => c.text('hello')),
      serve(fail, () => {
        throw new Error('a defect');
      }),
    ],
  });
  const ask = (method: string, path: string) => app.request(path, { method, headers: { host: 'localhost' } });
  await Promise.all([ask('GET', '/hello/anna'), ask('HEAD', '/hello/ben'), ask('POST', '/fail')]);
  await Promise.all([ask('GET', '/nowhere'), ask('PUT', '/hello/anna')]);
  const scrape = scraper([{ type: 'recorded', recorded: histogram }]);
  const lines = await scrape('booner_hub_http_request_duration_seconds_count');
  expect(lines.map((line) => line.slice(line.indexOf('{'))).sort()).toEqual([
    '{method="GET",route="/hello/:name",status="2xx"} 2',
    '{method="POST",route="/fail",status="5xx"} 1',
    '{method="none",route="none",status="4xx"} 2',
  ]);
});
