import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@booner/service';
import { expect, it, onTestFinished } from 'vitest';
import { type HubConfig, readHubConfig } from './config.ts';

const read = (env: Record<string, string>) => (readHubConfig({ env, argv: [] }) as HubConfig).history;

function issuesOf(env: Record<string, string>): string {
  try {
    read(env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.join('\n');
    throw error;
  }
}

it('keeps a history in the state directory, in the clone, or nowhere', () => {
  expect(read({ BOONER_STATE_DIR: '/state' }).directory).toBe('/state/history');
  expect(read({}).directory).toMatch(/[/].booner[/]history$/);
  expect(read({ BOONER_HISTORY_DIR: '/elsewhere' }).directory).toBe('/elsewhere');
  expect(read({ BOONER_HISTORY_DIR: 'off' }).directory).toBeNull();
});

it('reads sizes and times', () => {
  expect(read({})).toMatchObject({ maxBytes: 4 * 2 ** 30, minFreeBytes: 2 ** 30 });
  const history = read({
    BOONER_HISTORY_MAX_SIZE: '500MiB',
    BOONER_HISTORY_MIN_FREE: '2 GiB',
    BOONER_HISTORY_KEEP: 'raw=12h,1m=7d',
  });
  expect(history).toMatchObject({ maxBytes: 500 * 2 ** 20, minFreeBytes: 2 * 2 ** 30 });
  expect(history.retention).toMatchObject({ raw: 43_200_000, '10s': 172_800_000, '1m': 604_800_000 });
});

it('says what is wrong with a setting, with an example', () => {
  expect(issuesOf({ BOONER_HISTORY_MAX_SIZE: '4GB' })).toMatch(/BOONER_HISTORY_MAX_SIZE: .*such as 4GiB/);
  expect(issuesOf({ BOONER_HISTORY_KEEP: 'hours=3' })).toMatch(/BOONER_HISTORY_KEEP: .*like raw=6h/);
  expect(issuesOf({ BOONER_HISTORY_KEEP: '10m=1d' })).toMatch(/10m must be at least 8d/);
  expect(issuesOf({ BOONER_HISTORY_PEERS: 'hub-2' })).toMatch(/BOONER_HISTORY_PEERS: must list URLs/);
  expect(issuesOf({ BOONER_HISTORY_PEERS: 'https://a:b@hub-2' })).toMatch(/must not contain a user/);
});

it('sends no token over a network without encryption', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-config-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'token');
  await writeFile(file, 'bnr_secret');
  const token = { BOONER_HISTORY_PEER_TOKEN_FILE: file };
  expect(issuesOf({ ...token, BOONER_HISTORY_PEERS: 'http://10.0.0.9:8000' })).toMatch(/must use https/);
  expect(read({ ...token, BOONER_HISTORY_PEERS: 'https://hub-2,http://127.0.0.1:8001' }).peers).toHaveLength(
    2,
  );
});
