import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type RunningProcess, startProcess } from './process.ts';

/** Raw samples of one series. */
export type StoredSeries = {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly atMs: number; readonly value: number }[];
};

/** A real store of metrics. Disposing of it kills it and removes its data. */
export type MetricsStore = AsyncDisposable & {
  readonly url: string;
  readonly writeUrl: string;
  readonly process: () => RunningProcess;
  /** Samples of the last hour, by the instant query `selector[1h]`. */
  samples(selector: string): Promise<readonly StoredSeries[]>;
  /** Number of series with a value in a range query over the last five minutes. */
  countInRange(query: string): Promise<number>;
  /** Number of series with a value now. */
  countNow(query: string): Promise<number>;
  /** Resolves when everything that it has taken can be read. */
  settle(): Promise<void>;
  /** SIGTERM: VictoriaMetrics loses the last seconds if it is killed. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and with the same data. */
  restart(): Promise<void>;
};

type Started = {
  readonly command: string;
  readonly args: readonly string[];
  /** Path that makes it show what it has taken; absent: it always does. */
  readonly flushPath?: string;
};
type Answer = {
  readonly data?: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly values: [number, string][];
    }[];
  };
};

export const startPrometheus = () =>
  startStore(async (directory, port) => {
    const config = join(directory, 'prometheus.yml');
    await writeFile(config, 'scrape_configs: []\n');
    return {
      command: 'prometheus',
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${directory}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
      ],
    };
  });

/** Starts VictoriaMetrics with the settings of docs/scale.md. */
export const startVictoriaMetrics = () =>
  startStore(async (directory, port) => ({
    command: 'victoria-metrics',
    args: [`-storageDataPath=${directory}/data`, '-retentionPeriod=12', `-httpListenAddr=127.0.0.1:${port}`],
    flushPath: '/internal/force_flush',
  }));

async function startStore(
  commandFor: (directory: string, port: number) => Promise<Started>,
): Promise<MetricsStore> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-store-'));
  starting.defer(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { flushPath, ...options } = await commandFor(directory, port);
  const launch = async () => {
    const child = await startProcess(options);
    const isReady = async () => (await fetch(`${url}/-/ready`)).ok;
    await eventually(() => child.hasExited() || isReady(), { what: `${options.command} to start` });
    if (child.hasExited()) throw new Error(`${options.command} ended: ${child.lines.stderr.join('\n')}`);
    return child;
  };
  let child = await launch();
  starting.defer(() => child[Symbol.asyncDispose]());
  const query = async (path: string, parameters: Record<string, string>) => {
    // VictoriaMetrics would answer as of 30 s ago, or from its cache.
    const asked = new URLSearchParams({ nocache: '1', ...parameters });
    const answer = await fetch(`${url}/api/v1/${path}?${asked}`);
    if (!answer.ok) throw new Error(`${parameters.query}: ${await answer.text()}`);
    return ((await answer.json()) as Answer).data?.result ?? [];
  };
  const stack = starting.move();
  return {
    url,
    writeUrl: `${url}/api/v1/write`,
    process: () => child,
    samples: async (selector) =>
      (await query('query', { query: `${selector}[1h]` })).map(({ metric, values }) => ({
        labels: metric,
        samples: values
          .map(([seconds, value]) => ({ atMs: Math.round(seconds * 1000), value: Number(value) }))
          .filter(({ value }) => !Number.isNaN(value)), // the end of a series
      })),
    countInRange: async (text) => {
      const now = Date.now() / 1000;
      // VictoriaMetrics leaves out the last 30 s of a range that does not end in the future.
      const range = { start: `${now - 300}`, end: `${now + 30}`, step: '1' };
      return (await query('query_range', { query: text, ...range })).length;
    },
    countNow: async (text) => (await query('query', { query: text })).length,
    settle: async () => {
      if (flushPath !== undefined) await fetch(`${url}${flushPath}`);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await child.exited;
    },
    restart: async () => {
      child = await launch();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
