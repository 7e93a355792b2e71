import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RETENTION, HistoryError, startHistory } from '@booner/history';
import { sampleOf } from '@booner/history/testing';
import { type HostId, parseHostId, ruleTrialSchema } from '@booner/protocol';
import { eventually, startVictoriaMetrics } from '@booner/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { Fleet } from '../../fleet/fleet.ts';
import type { HistoryReader } from '../../history/history-reader.ts';
import { startHttpServer } from '../../http/server.ts';
import { openStoreHistory } from '../../testing/open-store-history.ts';
import { recordingLog } from '../../testing/recording-log.ts';
import { createTestApp } from '../../testing/test-app.ts';
import { appendSamples, every, openTrialHistory, TRIAL_START_MS } from '../../testing/trial-history.ts';
import { EVERYTHING, type Readable } from '../../ws/readable.ts';
import { createWebSocketServer } from '../../ws/web-socket-server.ts';
import { trialRoutes } from './trial-routes.ts';

const HOUR_MS = 3_600_000;
const hostId = (text: string) => parseHostId(text)!;
const hostsUpTo = (count: number) =>
  Array.from({ length: count }, (_, index) => hostId(`10.0.0.${index + 1}`));

type AppParts = {
  readonly hosts: readonly HostId[];
  readonly reader: Pick<HistoryReader, 'query'> | null;
  readonly nowMs?: number;
  readonly readable?: Readable;
};

/** The routes of trials over a history, on a hub with hosts. */
function trialApp({ hosts, reader, nowMs = TRIAL_START_MS + HOUR_MS, readable = EVERYTHING }: AppParts) {
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 1000, wallMs: nowMs }) });
  fleet.onCatchUp([], new Map());
  for (const host of hosts) {
    const sample = { ...sampleOf(0.1), host };
    fleet.onSample(sample, JSON.stringify(sample));
  }
  const { log, lines } = recordingLog();
  const retention = DEFAULT_RETENTION;
  const app = createTestApp({
    log,
    routes: trialRoutes({ fleet, readableOf: () => readable, reader, retention, nowMs: () => nowMs }),
  });
  const post = (body: object) => ({
    method: 'POST',
    body: JSON.stringify(body),
    headers: { host: 'localhost', 'content-type': 'application/json' },
  });
  return {
    app,
    log,
    lines,
    post,
    ask: async (body: object) => {
      const response = await app.request('/alert-rules/test', post(body));
      const json = (await response.json()) as { errors?: unknown };
      return { status: response.status, headers: response.headers, json };
    },
    tried: async (body: object) => {
      const response = await app.request('/alert-rules/test', post(body));
      return ruleTrialSchema.parse(await response.json());
    },
  };
}

const busy = {
  selector: '*',
  when: { metric: 'cpuUsageRatio', function: 'last', over: '1m' },
  crit: { on: 0.9, off: 0.8 },
  for: '2m',
};
const peak = (second: number) => (second >= 1200 && second < 1800 ? 0.95 : 0.1);

it('tries a rule on what a real store has recorded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-trial-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { log } = recordingLog();
  const limits = { retention: DEFAULT_RETENTION, maxBytes: 2 ** 40, minFreeBytes: 0 };
  await using store = startHistory({ directory, ...limits, log });
  const nowMs = Math.floor(Date.now() / 1000) * 1000;
  const startMs = nowMs - HOUR_MS;
  const [first, second] = hostsUpTo(2) as [HostId, HostId];
  // By the second sample of the last hour: 0.95 from 1200 s to 1800 s on the first host alone.
  appendSamples(store, every(3, 0, 3600, peak), { host: first, startMs });
  appendSamples(
    store,
    every(3, 0, 3600, () => 0.1),
    { host: second, startMs },
  );
  const { tried } = trialApp({ hosts: [first, second], reader: store, nowMs });
  expect(await tried({ rule: busy, range: '1h' })).toEqual({
    fromMs: startMs,
    toMs: nowMs,
    stepMs: null,
    selected: 2,
    tried: 2,
    // `for` is 120 s: 1200 + 120. The first sample below 0.8 is at 1800.
    episodes: [
      {
        host: first,
        device: null,
        startedAtMs: startMs + 1_320_000,
        endedAtMs: startMs + 1_800_000,
        severity: 'crit',
        messages: 2,
      },
    ],
    episodeCount: 1,
    messageCount: 2,
  });
  expect(await tried({ rule: busy, range: '1h', host: second })).toMatchObject({ selected: 1, episodes: [] });
});

it('tries a rule on what a Prometheus store has', async () => {
  await using store = await startVictoriaMetrics();
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
  const startMs = nowMs - HOUR_MS;
  await using opened = await openStoreHistory(store, () => nowMs);
  const { history, settle } = opened;
  const [host] = hostsUpTo(1) as [HostId];
  appendSamples(history, every(10, 0, 3600, peak), { host, startMs, intervalMs: 10_000 });
  await settle();
  const { tried } = trialApp({ hosts: [host], reader: history, nowMs });
  const trial = await tried({ rule: busy, range: '1h' });
  expect(trial).toMatchObject({ selected: 1, tried: 1, episodeCount: 1, messageCount: 2 });
  const { startedAtMs, endedAtMs } = trial.episodes[0]!;
  // A store answers in points of its own steps.
  const stepMs = trial.stepMs ?? 0;
  expect(Math.abs(startedAtMs - (startMs + 1_320_000))).toBeLessThanOrEqual(2 * stepMs + 10_000);
  expect(Math.abs(endedAtMs! - (startMs + 1_800_000))).toBeLessThanOrEqual(2 * stepMs + 10_000);
});

/** A history of some hosts with a peak on each. */
function peaksOf(hosts: readonly HostId[]) {
  const history = openTrialHistory(TRIAL_START_MS + HOUR_MS);
  for (const host of hosts) appendSamples(history, every(30, 0, 3600, peak), { host, intervalMs: 30_000 });
  return history;
}

it('tries nothing for an empty selector', async () => {
  const [host] = hostsUpTo(1) as [HostId];
  const { tried } = trialApp({ hosts: [host], reader: peaksOf([host]) });
  const nothing = { selected: 0, tried: 0, episodes: [], episodeCount: 0 };
  expect(await tried({ rule: { ...busy, selector: '' } })).toMatchObject(nothing);
  expect(await tried({ rule: { ...busy, selector: '' }, host })).toMatchObject(nothing);
  expect(await tried({ rule: busy })).toMatchObject({ selected: 1, tried: 1, episodeCount: 1 });
});

it('tries a rule on at most 50 hosts, and says so', async () => {
  const hosts = hostsUpTo(51);
  const { tried } = trialApp({ hosts, reader: peaksOf(hosts) });
  expect(await tried({ rule: busy, range: '1h' })).toMatchObject({
    selected: 51,
    tried: 50,
    episodeCount: 50,
    messageCount: 100,
  });
});

it('shows nothing of hosts that the credential may not read', async () => {
  const hosts = hostsUpTo(2);
  const readable: Readable = { key: 'one', has: (host) => host === hosts[0] };
  const { tried, ask } = trialApp({ hosts, reader: peaksOf(hosts), readable });
  expect(await tried({ rule: busy })).toMatchObject({
    selected: 1,
    tried: 1,
    episodes: [{ host: hosts[0] }],
  });
  const { status, json } = await ask({ rule: busy, host: hosts[1] });
  expect([status, json.errors]).toEqual([404, [{ pointer: '/host', detail: 'is not a registered target' }]]);
});

it.each([
  [{ rule: { selector: '*', when: { state: 'clock_skew' } } }, '/rule/when/state'],
  [{ rule: { ...busy, crit: { on: 90, off: 0.8 } } }, '/rule/crit/on'],
  [{ rule: busy, range: '31d' }, '/range'],
])('rejects what cannot be tried: %o', async (body, pointer) => {
  const { ask } = trialApp({ hosts: [], reader: peaksOf([]) });
  const { status, json } = await ask(body);
  expect([status, json.errors]).toEqual([400, [{ pointer, detail: expect.stringMatching(/^must be/) }]]);
});

it('says why the history cannot be read', async () => {
  const hosts = hostsUpTo(1);
  expect((await trialApp({ hosts, reader: null }).ask({ rule: busy })).status).toBe(409);
  const failing = { query: () => Promise.reject(new HistoryError('busy', '256 requests wait')) };
  const { status, headers } = await trialApp({ hosts, reader: failing }).ask({ rule: busy });
  expect([status, headers.get('retry-after')]).toEqual([503, '5']);
});

it('reads smaller pages where one would be too large', async () => {
  const hosts = hostsUpTo(1);
  const history = peaksOf(hosts);
  const lengths: number[] = [];
  const picky: Pick<HistoryReader, 'query'> = {
    async query(request) {
      lengths.push(request.points);
      if (request.points > 300) throw new HistoryError('too_large', 'too many values');
      return history.query(request);
    },
  };
  const { tried } = trialApp({ hosts, reader: picky });
  expect(await tried({ rule: busy, range: '1h' })).toMatchObject({ tried: 1, episodeCount: 1 });
  expect(lengths.filter((points) => points > 300).length).toBeLessThan(5);
});

/** A history that answers once it is told to. */
function slowHistory(hosts: readonly HostId[]) {
  const history = peaksOf(hosts);
  const gate = Promise.withResolvers<void>();
  let queries = 0;
  const reader: Pick<HistoryReader, 'query'> = {
    async query(request) {
      queries += 1;
      await gate.promise;
      return history.query(request);
    },
  };
  return { reader, open: gate.resolve, queries: () => queries };
}

it('runs one trial at a time for a credential', async () => {
  const hosts = hostsUpTo(1);
  const slow = slowHistory(hosts);
  const { ask } = trialApp({ hosts, reader: slow.reader });
  const first = ask({ rule: busy });
  await eventually(() => slow.queries() === 1, { what: 'the first trial to read' });
  const { status, headers } = await ask({ rule: busy });
  expect([status, headers.get('retry-after')]).toEqual([429, '5']);
  slow.open();
  expect((await first).status).toBe(200);
  expect((await ask({ rule: busy })).status).toBe(200);
});

it('stops when the client goes away', async () => {
  const hosts = hostsUpTo(20);
  const slow = slowHistory(hosts);
  const { app, post, ask, log, lines } = trialApp({ hosts, reader: slow.reader });
  const statuses: number[] = [];
  const signals: AbortSignal[] = [];
  await using server = await startHttpServer({
    fetch: async (request, env) => {
      signals.push(request.signal);
      const answer = await app.fetch(request, env);
      statuses.push(answer.status);
      return answer;
    },
    webSockets: createWebSocketServer(),
    log,
    ...{ host: '127.0.0.1', port: 0, maxConnections: 10, maxConnectionsPerAddress: 10 },
  });
  const client = new AbortController();
  const { method, body, headers } = post({ rule: busy });
  const sent = fetch(`${server.url}/alert-rules/test`, {
    method,
    body,
    headers: { 'content-type': headers['content-type'] },
    signal: client.signal,
  });
  await eventually(() => slow.queries() === 1, { what: 'the trial to read' });
  client.abort();
  await expect(sent).rejects.toThrow();
  await eventually(() => signals[0]?.aborted, { what: 'the hub to notice' });
  slow.open();
  await eventually(() => statuses.includes(503), { what: 'the request to end' });
  expect(slow.queries()).toBe(1);
  expect(lines).toEqual([]);
  expect((await ask({ rule: busy, host: hosts[0] })).status).toBe(200);
});
