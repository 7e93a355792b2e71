import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@booner/service';
import { expect, it, onTestFinished } from 'vitest';
import { type HubConfig, readHubConfig } from './config.ts';

const read = (env: Record<string, string>) => (readHubConfig({ env, argv: [] }) as HubConfig).alerts;

function issuesOf(env: Record<string, string>): string {
  try {
    read(env);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.join('\n');
    throw error;
  }
}

it('keeps the secret of channels in the state directory, or reads it from a file', async () => {
  expect(read({ BOONER_STATE_DIR: '/state' }).sealing).toEqual({ secret: null, file: '/state/alert-secret' });
  expect(read({}).sealing.file).toMatch(/[/].booner[/]alert-secret$/);
  const directory = await mkdtemp(join(tmpdir(), 'booner-config-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'secret');
  await writeFile(file, 's3cr3t\n');
  expect(read({ BOONER_ALERT_SECRET_FILE: file }).sealing.secret?.reveal()).toBe('s3cr3t');
  expect(issuesOf({ BOONER_ALERT_SECRET_FILE: join(directory, 'none') })).toMatch(
    /BOONER_ALERT_SECRET_FILE: /,
  );
});

it('takes a watchdog URL, and says what is wrong with one', () => {
  expect(read({}).watchdogUrl).toBeNull();
  expect(read({ BOONER_WATCHDOG_URL: 'https://hc-ping.com/4f7a' }).watchdogUrl?.href).toBe(
    'https://hc-ping.com/4f7a',
  );
  expect(issuesOf({ BOONER_WATCHDOG_URL: 'hc-ping.com' })).toMatch(/BOONER_WATCHDOG_URL: must be a URL such/);
  expect(issuesOf({ BOONER_WATCHDOG_URL: 'https://a:b@hc-ping.com' })).toMatch(/must not contain a user/);
});
