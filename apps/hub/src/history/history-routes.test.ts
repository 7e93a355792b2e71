import { HistoryError } from '@booner/history';
import {
  fleetHistorySchema,
  hostIdSchema,
  NOTHING_MEASURED,
  type Sample,
  targetHistorySchema,
} from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../fleet/fleet.ts';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import { createTestApp } from '../testing/test-app.ts';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import type { HistoryReader } from './history-reader.ts';
import { historyRoutes } from './history-routes.ts';
import { RecentHistory } from './recent-history.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const NOW_MS = 1_700_000_000_000;

type HubParts = { readonly store?: HistoryReader | null; readonly readable?: Readable };

/** A hub with 20 minutes of samples of one target and of the main server, the last of them now. */
function startHub({ store = null, readable = EVERYTHING }: HubParts = {}) {
  let nowMs = NOW_MS - 20 * 60_000;
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 1000, wallMs: nowMs }) });
  fleet.onCatchUp([], new Map());
  const history = new RecentHistory({ nowWallMs: () => nowMs });
  const app = createTestApp({
    routes: historyRoutes({
      fleet,
      readableOf: () => readable,
      recent: history,
      store,
      nowMs: () => nowMs,
    }),
  });
  const sample: Sample = {
    ...NOTHING_MEASURED,
    type: 'sample',
    host: HOST,
    instance: 'a',
    sequence: 1,
    sampledAtMs: 1,
    inventoryTakenAtMs: null,
    intervalMs: 3000,
    swap: { totalBytes: 10, usedBytes: 3 },
  };
  fleet.onSample(sample, JSON.stringify(sample));
  for (; nowMs <= NOW_MS; nowMs += 3000) {
    history.record(HOST, sample, 3000);
    history.record(MAIN_SERVER, { ...sample, swap: { totalBytes: 10, usedBytes: 7 } }, 3000);
  }
  nowMs = NOW_MS;
  return {
    fleet,
    ask: async (path: string) => {
      const response = await app.request(path, { headers: { host: 'localhost' } });
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
        json: (await response.json()) as any,
      };
    },
  };
}

describe('GET /targets/:host/history', () => {
  it('is 15 minutes in columns', async () => {
    const { ask } = startHub();
    const { status, type, json } = await ask(`/targets/${HOST}/history`);
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    expect(targetHistorySchema.parse(json)).toEqual(json);
    expect(json).toMatchObject({
      host: HOST,
      fromMs: NOW_MS - 900_000,
      toMs: NOW_MS,
      intervalMs: 3000,
      swapUsedBytes: Array(301).fill(3),
      cpuUsageRatio: Array(301).fill(null),
      coreUsageRatios: [],
    });
    expect(json.times.at(0)).toBe(NOW_MS - 900_000);
    expect(json.times.at(-1)).toBe(NOW_MS);
  });

  it('is as long as the range that is asked for', async () => {
    const { ask } = startHub();
    for (const [range, rows] of Object.entries({ '1m': 21, '2m': 41, '5m': 101, '10m': 201, '15m': 301 })) {
      const { json } = await ask(`/targets/${HOST}/history?range=${range}`);
      expect([range, json.times.length]).toEqual([range, rows]);
    }
  });

  it.each(['0m', '', '15', '-5m', '15M'])('refuses ?range=%s', async (range) => {
    const { ask } = startHub();
    for (const path of [`/targets/${HOST}/history`, '/system/history']) {
      const { status, type, json } = await ask(`${path}?range=${range}`);
      expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json' });
      expect(json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/range']);
    }
  });

  it('is 400 for an invalid host id and 404 for a host that is not a target', async () => {
    const { ask } = startHub();
    const bad = await ask('/targets/a%20b/history');
    expect({ status: bad.status, pointer: bad.json.errors[0].pointer }).toEqual({
      status: 400,
      pointer: '/host',
    });
    expect(await ask('/targets/10.0.0.9/history')).toMatchObject({ status: 404, json: { status: 404 } });
  });

  it('has no rows for a target that never reported', async () => {
    const { ask, fleet } = startHub();
    const expected = hostIdSchema.parse('10.0.0.9');
    const registration = {
      label: null,
      labels: {},
      firstSeenAtMs: null,
      lastSeenAtMs: null,
      status: 'pending',
    } as const;
    fleet.onRegistrations(new Map([[expected, registration]]));
    const { status, json } = await ask('/targets/10.0.0.9/history');
    expect(status).toBe(200);
    expect(targetHistorySchema.parse(json)).toMatchObject({ intervalMs: null, times: [], swapUsedBytes: [] });
  });
});

it('GET /system/history is that of the main server', async () => {
  const { ask } = startHub();
  const { status, json } = await ask('/system/history?range=1m');
  expect(status).toBe(200);
  expect(targetHistorySchema.parse(json)).toEqual(json);
  expect(json).toMatchObject({ host: null, swapUsedBytes: Array(21).fill(7) });
});

describe('GET /history', () => {
  it('is the figures that are asked for of the targets among the hosts', async () => {
    const { ask, fleet } = startHub();
    const silent = hostIdSchema.parse('10.0.0.3');
    const registration = {
      label: null,
      labels: {},
      firstSeenAtMs: null,
      lastSeenAtMs: null,
      status: 'pending',
    } as const;
    fleet.onRegistrations(new Map([[silent, registration]]));
    const { status, type, json } = await ask(
      `/history?figures=swapUsedBytes,cpuUsageRatio&range=1m&hosts=${silent},10.0.0.99,${HOST},${HOST}`,
    );
    expect({ status, type }).toEqual({ status: 200, type: 'application/json' });
    expect(fleetHistorySchema.parse(json)).toEqual(json);
    expect(json).toEqual({
      fromMs: NOW_MS - 60_000,
      toMs: NOW_MS,
      targets: [
        { host: silent, intervalMs: null, times: [], swapUsedBytes: [], cpuUsageRatio: [] },
        {
          host: HOST,
          intervalMs: 3000,
          times: Array.from({ length: 21 }, (_, i) => NOW_MS - 60_000 + 3000 * i),
          swapUsedBytes: Array(21).fill(3),
          cpuUsageRatio: Array(21).fill(null),
        },
      ],
    });
  });

  it('has the same rows as the history of one target', async () => {
    const { ask } = startHub();
    const { json: one } = await ask(`/targets/${HOST}/history`);
    const { json: all } = await ask(`/history?figures=swapUsedBytes&hosts=${HOST}`);
    expect(all.targets[0].times).toEqual(one.times);
    expect(all.targets[0].swapUsedBytes).toEqual(one.swapUsedBytes);
  });

  it.each([
    ['no host id', `figures=load1Minute&hosts=${HOST},a%20b`, ['/hosts/1']],
    ['empty lists', 'hosts=&figures=', ['/hosts/0', '/figures/0']],
    ['a figure that there is not', `hosts=${HOST}&figures=cpuUsageRatio,times`, ['/figures/1']],
    ['a range that there is not', `hosts=${HOST}&figures=cpuUsageRatio&range=1h`, ['/range']],
    [
      'too many hosts',
      `figures=load1Minute&hosts=${Array.from({ length: 101 }, (_, i) => `10.0.0.${i}`)}`,
      ['/hosts'],
    ],
  ])('refuses %s', async (_, query, pointers) => {
    const { ask } = startHub();
    const { status, type, json } = await ask(`/history?${query}`);
    expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json' });
    expect(json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
  });
});

it('all are in the reference', async () => {
  const { ask } = startHub();
  const { json } = await ask('/openapi.json');
  expect(Object.keys(json.paths)).toEqual(
    expect.arrayContaining(['/system/history', '/targets/{host}/history', '/history']),
  );
  const answer = json.paths['/system/history'].get.responses['200'].content['application/json'].schema;
  expect(answer.anyOf).toEqual([
    { $ref: '#/components/schemas/SeriesHistory' },
    { $ref: '#/components/schemas/History' },
  ]);
  expect(json.components.schemas.History.properties).toHaveProperty('coreUsageRatios');
});

describe('the stored history', () => {
  const HOUR_MS = 3_600_000;

  /** A store that answers with what it was asked. */
  function recordingStore() {
    const ranked = [
      { host: '10.0.0.9', avg: 0.9, max: 1, samples: 10 }, // was removed from the fleet
      { host: HOST, avg: 0.5, max: 0.6, samples: 10 },
    ];
    const asked: unknown[] = [];
    const store: HistoryReader = {
      query: async (request) => {
        asked.push(request);
        return new TextEncoder().encode(JSON.stringify({ host: request.shownAs }));
      },
      rank: async (request) => {
        asked.push(request);
        return ranked;
      },
    };
    return { store, asked };
  }

  it('is read for longer ranges, other times, chosen metrics and numbers of points', async () => {
    const { store, asked } = recordingStore();
    const { ask } = startHub({ store });
    const queries = [
      'range=24h',
      'range=15m&points=10',
      'metrics=load,coreUsageRatio',
      `from=${NOW_MS - 2 * HOUR_MS}&to=${NOW_MS}`,
    ];
    for (const query of queries) {
      const { status, type, json } = await ask(`/targets/${HOST}/history?${query}`);
      expect({ status, type, json }).toEqual({ status: 200, type: 'application/json', json: { host: HOST } });
    }
    expect(asked).toMatchObject([
      { host: HOST, fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS, points: 500 },
      { fromMs: NOW_MS - 900_000, points: 10 },
      {
        fromMs: NOW_MS - HOUR_MS,
        metrics: ['load1Minute', 'load5Minutes', 'load15Minutes', 'coreUsageRatio'],
      },
      { fromMs: NOW_MS - 2 * HOUR_MS, toMs: NOW_MS },
    ]);
    expect((asked[0] as { metrics: string[] }).metrics).not.toContain('coreUsageRatio');
    expect(await ask('/system/history?range=24h')).toMatchObject({ json: { host: null } });
  });

  it('takes times in RFC 3339', async () => {
    const { store, asked } = recordingStore();
    const { ask } = startHub({ store });
    await ask(`/targets/${HOST}/history?from=2023-11-14T00:00:00Z&to=2023-11-14T01:00:00%2B01:00`);
    expect(asked).toEqual([]); // both are the same time
    await ask(`/targets/${HOST}/history?from=2023-11-14T00:00:00Z&to=2023-11-14T01:00:00Z`);
    expect(asked).toMatchObject([{ fromMs: 1_699_920_000_000, toMs: 1_699_923_600_000 }]);
  });

  it.each([
    ['range=24h&from=0', '/range'],
    ['from=2023-11-14T01:00:00Z&to=2023-11-14T00:00:00Z', '/from'],
    ['from=yesterday', '/from'],
    ['range=100y', '/range'],
    ['points=0&range=1h', '/points'],
    ['points=2001&range=1h', '/points'],
    ['metrics=cpu,nonsense', '/metrics'],
    [`metrics=${Array.from({ length: 1000 }, (_, index) => `metric${index}`)}`, '/metrics'],
  ])('refuses ?%s', async (query, pointer) => {
    const { ask } = startHub(recordingStore());
    const { status, json } = await ask(`/targets/${HOST}/history?${query}`);
    expect({ status, pointer: json.errors[0].pointer }).toEqual({ status: 400, pointer });
  });

  it('ranks the targets of the fleet by whole hours', async () => {
    const { store, asked } = recordingStore();
    const { ask } = startHub({ store });
    for (const query of ['metric=memory&range=7d&by=max', '', 'selector=host%3D10.0.0.2'])
      expect((await ask(`/history?${query}`)).json.targets).toMatchObject([{ host: HOST }]);
    for (const selector of ['host%3D10.1.*', '', '%20'])
      expect((await ask(`/history?selector=${selector}`)).json.targets).toEqual([]);
    const hour = Math.floor(NOW_MS / HOUR_MS) * HOUR_MS;
    expect(asked[0]).toEqual({
      metric: 'memoryUsageRatio',
      fromMs: hour - 168 * HOUR_MS,
      toMs: hour + HOUR_MS,
    });
    expect((await ask('/history?metric=nonsense')).json.errors[0].pointer).toBe('/metric');
  });

  it('compares hosts, with fewer points for many values', async () => {
    const { store, asked } = recordingStore();
    const { ask } = startHub({ store });
    const { json } = await ask(`/history?hosts=${HOST},10.0.0.77&metrics=cpuUsageRatio&points=2000`);
    expect(json).toEqual({ targets: [{ host: HOST }] });
    expect(asked).toMatchObject([{ points: 2000, metrics: ['cpuUsageRatio'] }]);
  });

  it('of a target that a token cannot read is none', async () => {
    const readable = { key: 'role=db', has: () => false };
    const { ask } = startHub({ ...recordingStore(), readable });
    expect(await ask(`/targets/${HOST}/history?range=24h`)).toMatchObject({ status: 404 });
    expect(await ask('/system/history?range=24h')).toMatchObject({ status: 403 });
    expect((await ask('/history?metric=cpu')).json.targets).toEqual([]);
    expect((await ask(`/history?hosts=${HOST}`)).json).toEqual({ targets: [] });
  });

  it('is answered with the reason when there is none, or it cannot be read', async () => {
    const { ask } = startHub();
    for (const path of [`/targets/${HOST}/history?range=24h`, '/history?metric=cpu'])
      expect(await ask(path)).toMatchObject({ status: 409, json: { title: 'No history' } });
    const failing = () => Promise.reject(new HistoryError('locked', 'another hub uses /history'));
    const { ask: askFailing } = startHub({ store: { query: failing, rank: failing } });
    expect(await askFailing(`/targets/${HOST}/history?range=24h`)).toMatchObject({
      status: 503,
      json: { detail: 'another hub uses /history.' },
    });
  });
});
