import { fileURLToPath } from 'node:url';
import { eventually, freePort, type RunningProcess, startProcess } from '@booner/testkit';
import { withFileLimitRaised } from './file-limit.ts';
import { PLAIN_NODE } from './plain-node.ts';

const HUB = fileURLToPath(new URL('../../../apps/hub/src/main.ts', import.meta.url));
const START_DEADLINE_MS = 60_000;

/** A hub as in production, on a free port of loopback. Disposal kills it. */
export type HubUnderTest = AsyncDisposable & {
  readonly port: number;
  readonly pid: number;
  /** @throws Error with the end of its log when it has ended */
  assertRuns(): void;
};

/**
 * Starts a hub with room for many clients. Resolves when it is ready.
 * @throws if it ends before that
 */
export async function startHubProcess(options: {
  readonly redisUrl: string;
  readonly intervalMs: number;
  /** Further settings. There is no history unless one sets a folder. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<HubUnderTest> {
  await using scope = new AsyncDisposableStack();
  const port = await freePort();
  const hub = scope.use(
    await startProcess({
      ...withFileLimitRaised(process.execPath, [HUB]),
      env: {
        REDIS_URL: options.redisUrl,
        HOST: '127.0.0.1',
        PORT: String(port),
        BOONER_INTERVAL_MS: String(options.intervalMs),
        BOONER_HISTORY_DIR: 'off',
        ...options.env,
        ...PLAIN_NODE,
      },
    }),
  );
  await eventually(
    async () => hub.hasExited() || (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200,
    { deadlineMs: START_DEADLINE_MS, everyMs: 100, what: 'a hub that is ready' },
  );
  const assertRuns = () => {
    if (hub.hasExited()) throw new Error(`the hub ended:\n${lastWords(hub)}`);
  };
  assertRuns();
  const owned = scope.move();
  return { port, pid: hub.pid, assertRuns, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const lastWords = ({ lines }: RunningProcess): string =>
  [...lines.stdout.slice(-10), ...lines.stderr.slice(-10)].join('\n');
