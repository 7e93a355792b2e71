import { DEFAULT_RETENTION, type History } from '@booner/history';
import { mount } from '@booner/history/testing';
import {
  type AlertRuleInput,
  alertRuleSchema,
  type Sample,
  type SeriesHistory,
  seriesHistorySchema,
  valueWhenFull,
} from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import {
  annotationAt,
  appendSamples,
  every,
  openTrialHistory,
  TRIAL_HOST,
  TRIAL_START_MS,
  type TrialSample,
} from '../../testing/trial-history.ts';
import { advance, WELL } from '../machine/alert-machine.ts';
import { compileRule } from '../rules/compile-rule.ts';
import { RuleWindows } from '../windows/rule-windows.ts';
import { startHostTrial } from './host-trial.ts';
import { trialMetrics } from './trial-metrics.ts';
import { pagesOf, planTrial } from './trial-pages.ts';

const HOUR = 3600;
const decoder = new TextDecoder();

type Tried = {
  readonly samples: Iterable<TrialSample>;
  readonly annotations?: readonly ReturnType<typeof annotationAt>[];
  /** Seconds after the start. */
  readonly from?: number;
  readonly to: number;
  readonly intervalMs?: number;
  /** Shown instead of what the history says. */
  readonly tier?: SeriesHistory['tier'];
};

const compiledOf = (rule: Partial<AlertRuleInput>) =>
  compileRule(alertRuleSchema.parse({ name: 'tried', selector: '*', ...rule }));

/** Records samples and tries a rule on them. Times are seconds after the start. */
async function tryOn(rule: Partial<AlertRuleInput>, tried: Tried) {
  const { samples, annotations = [], from = 0, to, intervalMs = 3000, tier } = tried;
  const toMs = TRIAL_START_MS + to * 1000;
  const fromMs = TRIAL_START_MS + from * 1000;
  await using history: History = openTrialHistory(toMs);
  appendSamples(history, samples, { intervalMs });
  for (const annotation of annotations) history.annotate(TRIAL_HOST, annotation);
  const compiled = compiledOf(rule);
  const plan = planTrial(compiled, { fromMs, toMs, retention: DEFAULT_RETENTION });
  const trial = startHostTrial({ rule: compiled, host: TRIAL_HOST, fromMs });
  const metrics = trialMetrics(compiled);
  for await (const json of pagesOf(plan, (range) =>
    history.query({ host: TRIAL_HOST, shownAs: TRIAL_HOST, metrics, ...range }),
  )) {
    const page = seriesHistorySchema.parse(JSON.parse(decoder.decode(json)));
    trial.take(tier === undefined ? page : { ...page, tier, annotations: [] });
  }
  const { episodes } = trial.result();
  return episodes.map(({ device, startedAtMs, endedAtMs, severity, messages }) => ({
    ...(device !== null && { device }),
    from: (startedAtMs - TRIAL_START_MS) / 1000,
    to: endedAtMs === null ? null : (endedAtMs - TRIAL_START_MS) / 1000,
    severity,
    messages,
  }));
}

/** An hour with two peaks, a sample each 3 s, in steps that are stored exactly. */
const hourOfCpu = (second: number): number => {
  const wave = 0.5 + 0.45 * Math.sin(second / 400) + 0.04 * Math.sin(second * 12.9898);
  return Math.round(Math.min(0.99, Math.max(0, wave)) * 100) / 100;
};

/** The episodes of the same samples, one after the other, as they would arrive live. */
function liveEpisodes(rule: Partial<AlertRuleInput>, samples: Iterable<TrialSample>) {
  const compiled = compiledOf(rule);
  const { condition } = compiled;
  if (condition.type !== 'metric') throw new Error('a metric is expected');
  const windows = new RuleWindows(condition.function, condition.overMs, valueWhenFull(condition.metric));
  const slot = windows.open();
  const subject = { host: TRIAL_HOST, device: null };
  let memory = WELL;
  const said: { type: string; sinceMs: number; atMs: number; severity: string }[] = [];
  for (const [second, value] of samples) {
    const atMs = TRIAL_START_MS + second * 1000;
    windows.add(slot, atMs, value as number);
    const reading = windows.read(slot, atMs);
    if (typeof reading !== 'number') continue;
    const step = advance(memory, { type: 'observe', atMs, reading, mutes: [] }, { rule: compiled, subject });
    memory = step.memory;
    said.push(...step.effects);
  }
  return Map.groupBy(said, ({ sinceMs }) => sinceMs)
    .entries()
    .map(([sinceMs, effects]) => ({
      from: (sinceMs - TRIAL_START_MS) / 1000,
      to: ((effects.find(({ type }) => type === 'resolve')?.atMs ?? Number.NaN) - TRIAL_START_MS) / 1000,
      severity: effects.some(({ severity }) => severity === 'crit') ? 'crit' : 'warn',
      messages: effects.length,
    }))
    .map((episode) => ({ ...episode, to: Number.isNaN(episode.to) ? null : episode.to }))
    .toArray();
}

describe('a rule that is tried on an hour of samples', () => {
  it.each([
    ['avg', { function: 'avg', over: '5m' }, { warn: { on: 0.7, off: 0.6 }, crit: { on: 0.85, off: 0.8 } }],
    ['max', { function: 'max', over: '1m' }, { crit: { on: 0.95, off: 0.9 }, keepFor: '2m' }],
    ['min', { function: 'min', over: '2m' }, { warn: { on: 0.1, off: 0.2 }, for: '1m' }],
    ['last', { function: 'last', over: '30s' }, { warn: { on: 0.9, off: 0.85 }, repeat: '3m' }],
    ['rate', { function: 'rate', over: '5m' }, { warn: { on: 0.0008, off: 0.0004 } }],
    ['full_in', { function: 'full_in', over: '10m' }, { warn: { on: '10m', off: '1h' } }],
  ] as const)('has the episodes that the same samples would have had live: %s', async (_, when, rest) => {
    const rule = { when: { metric: 'cpuUsageRatio', ...when }, ...rest } as Partial<AlertRuleInput>;
    const samples = [...every(3, 0, HOUR, hourOfCpu)];
    const live = liveEpisodes(rule, samples);
    expect(live.length).toBeGreaterThan(0);
    expect(await tryOn(rule, { samples, to: HOUR })).toEqual(live);
  });
});

const busy: Partial<AlertRuleInput> = {
  when: { metric: 'cpuUsageRatio', function: 'last', over: '1m' },
  crit: { on: 0.9, off: 0.8 },
};

describe('the range of a trial', () => {
  const peaks = (second: number) => (second >= 600 && second < 1200 ? 0.95 : 0.1);

  it('begins with a full window, and leaves out what ended before', async () => {
    const over = { ...busy, when: { metric: 'cpuUsageRatio', function: 'avg', over: '10m' } } as const;
    const samples = [...every(3, 0, HOUR, (second) => (second < 1500 ? 0.95 : 0.1))];
    // At 1200 the window is full of 0.95. 600 s / (0.95 - 0.1) later it would be at its end.
    const [episode] = await tryOn(over, { samples, from: 1200, to: HOUR });
    expect(episode).toMatchObject({ severity: 'crit' });
    expect(episode!.from).toBeLessThanOrEqual(1200);
    expect(await tryOn(busy, { samples: [...every(3, 0, HOUR, peaks)], from: 1800, to: HOUR })).toEqual([]);
  });

  it('is read in points of 10 s where samples are not kept any more', async () => {
    const samples = [...every(10, 0, 8 * HOUR, peaks)];
    expect(await tryOn(busy, { samples, to: 8 * HOUR, intervalMs: 10_000 })).toEqual([
      { from: 610, to: 1210, severity: 'crit', messages: 2 },
    ]);
  });
});

describe('metrics of devices', () => {
  it('have a subject each, and shares are computed from what is stored', async () => {
    const disks = (second: number): Partial<Sample> => ({
      fileSystems: [mount('/', 2 ** 35), mount('/srv', second < 900 ? 2 ** 34 : 15 * 2 ** 32)],
    });
    const rule: Partial<AlertRuleInput> = {
      when: { metric: 'fileSystemUsageRatio', function: 'last', over: '1m' },
      warn: { on: 0.9, off: 0.87 },
    };
    expect(await tryOn(rule, { samples: [...every(3, 0, 1800, disks)], to: 1800 })).toEqual([
      { device: '/srv', from: 900, to: null, severity: 'warn', messages: 1 },
    ]);
  });
});

describe('data that is missing', () => {
  const samples = [...every(3, 0, 600, () => 0.1), ...every(3, 1800, 2400, () => 0.1)];
  const missing: Partial<AlertRuleInput> = { ...busy, noData: 'alert', for: '1m' };

  it('is a metric that samples lack', async () => {
    const swap: Partial<AlertRuleInput> = {
      ...missing,
      when: { metric: 'memoryUsageRatio', function: 'last', over: '1m' },
    };
    const memory = { totalBytes: 1000, usedBytes: 100, availableBytes: 900, buffersBytes: 0, cachedBytes: 0 };
    const lost = [...every(3, 0, 1800, (second) => (second < 600 ? { memory } : {}))];
    const [episode, ...others] = await tryOn(swap, { samples: lost, to: 1800 });
    expect(others).toEqual([]);
    // The last one is at 597. Its bucket leaves the window of a minute between 657 and 720.
    expect(episode).toMatchObject({ to: null, severity: 'crit', messages: 1 });
    expect(episode!.from).toBeGreaterThanOrEqual(657 + 60);
    expect(episode!.from).toBeLessThanOrEqual(720 + 60);
  });

  it('is a metric that a host never had, but no device that it never had', async () => {
    const gpu = { ...missing, when: { metric: 'gpuUsageRatio' } } as const;
    expect(await tryOn(gpu, { samples, to: 2400 })).toEqual([
      { from: 60, to: null, severity: 'crit', messages: 1 },
    ]);
    const device = { ...missing, when: { metric: 'gpuDeviceUsageRatio' } } as const;
    expect(await tryOn(device, { samples, to: 2400 })).toEqual([]);
  });

  it('is not said of a time in which the hub was not running', async () => {
    expect(await tryOn(missing, { samples, to: 2400 })).toEqual([]);
  });

  it('mutes rules on metrics while the host is offline', async () => {
    const annotations = [annotationAt(607, 'offline'), annotationAt(1800, 'online')];
    expect(await tryOn(missing, { samples, annotations, to: 2400 })).toEqual([]);
    // An episode that people know of stays open, and they learn of its end.
    const wasBusy = [...every(3, 0, 600, () => 0.95), ...every(3, 1800, 2400, () => 0.1)];
    expect(await tryOn(busy, { samples: wasBusy, annotations, to: 2400 })).toEqual([
      { from: 0, to: 1800, severity: 'crit', messages: 2 },
    ]);
  });
});

describe('a rule on a host that is offline', () => {
  const samples = [...every(3, 0, 600, () => 0.1), ...every(3, 1800, 2400, () => 0.1)];
  const down: Partial<AlertRuleInput> = { when: { state: 'offline' }, for: '50s', repeat: '10m' };

  it('goes by what the history says of it', async () => {
    const annotations = [annotationAt(607, 'offline'), annotationAt(1800, 'online')];
    // 607 + 50 = 657, which is evaluated within 3 s; reminders after 10 and 20 minutes.
    const [episode, ...others] = await tryOn(down, { samples, annotations, to: 2400 });
    expect(others).toEqual([]);
    expect(episode).toMatchObject({ to: 1800, severity: 'crit', messages: 3 });
    expect(episode!.from).toBeGreaterThanOrEqual(657);
    expect(episode!.from).toBeLessThan(660);
  });

  it('ends with the next sample if the hub restarted meanwhile', async () => {
    const annotations = [annotationAt(607, 'offline')];
    expect(await tryOn(down, { samples, annotations, to: 2400 })).toMatchObject([{ to: 1800 }]);
  });

  it('is offline from the middle of a point on', async () => {
    const untilThen = [...every(5, 0, 600, () => 0.1)];
    const tried = { samples: untilThen, annotations: [annotationAt(596, 'offline')], intervalMs: 5000 };
    const [episode, ...others] = await tryOn(down, { ...tried, to: 8 * HOUR });
    expect(others).toEqual([]);
    expect(episode).toMatchObject({ to: null, severity: 'crit' });
    expect(episode!.from).toBeLessThan(660);
  });

  it.each([896, 899, 902])(
    'goes by silence that begins at %i s, where a page of a store ends',
    async (last) => {
      const short = [...every(3, 2, last + 1, () => 0.1)];
      const tried = await tryOn(down, { samples: short, to: 2700, tier: 'store' });
      expect(tried).toMatchObject([{ to: null, severity: 'crit' }]);
      expect(tried[0]!.from).toBeLessThan(last + 70);
    },
  );

  it('goes by silence where a store has no annotations', async () => {
    expect(await tryOn(down, { samples, to: 2400 })).toEqual([]);
    const tried = await tryOn(down, { samples, to: 2400, tier: 'store' });
    expect(tried).toMatchObject([{ to: 1800, severity: 'crit' }]);
    expect(tried[0]!.from).toBeLessThan(660);
  });
});

describe('a rule on tasks that fail', () => {
  it('has a subject for each action, from one end of a task to the next', async () => {
    const task = (second: number, text: string) =>
      annotationAt(second, 'task', { text, untilSecond: second + 30 });
    const annotations = [
      task(100, 'web.deploy failed'),
      task(300, 'db.backup completed'),
      task(880, 'web.deploy completed'),
      task(1000, 'db.backup failed'),
    ];
    const rule: Partial<AlertRuleInput> = { when: { state: 'task_failed' }, severity: 'warn' };
    expect(await tryOn(rule, { samples: [...every(3, 0, 1800, () => 0.1)], annotations, to: 1800 })).toEqual([
      { device: 'web.deploy', from: 130, to: 910, severity: 'warn', messages: 2 },
      { device: 'db.backup', from: 1030, to: null, severity: 'warn', messages: 1 },
    ]);
  });
});
