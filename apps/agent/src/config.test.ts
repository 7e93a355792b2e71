import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { MAX_LABEL_CHARACTERS, newTargetSchema } from '@booner/protocol';
import { ConfigError } from '@booner/service';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readAgentCommand } from './config.ts';

const URL_WITH_PASSWORD = 'redis://agent:correct-horse@10.0.0.1';

function configOf(env: Record<string, string>, argv: string[] = []) {
  const command = readAgentCommand({ env: { REDIS_URL: 'redis://10.0.0.1', ...env }, argv });
  if (command.type !== 'run') throw new Error(`not a run but ${command.type}`);
  return command.config;
}

describe('readAgentCommand', () => {
  it('needs nothing but the URL of Redis', () => {
    expect(configOf({})).toMatchObject({ intervalMs: 3000, hostId: null, label: null, logLevel: 'info' });
  });

  it('takes flags before variables, and reads empty variables as unset ones', () => {
    const env = { BOONER_INTERVAL_MS: '1000', BOONER_LABEL: '', BOONER_HOST_ID: 'web-1' };
    const config = configOf(env, ['--interval-ms', '2000', '--redis-url=redis://10.0.0.9']);
    expect(config).toMatchObject({ intervalMs: 2000, label: null, hostId: 'web-1' });
    expect(config.redis.url.reveal()).toBe('redis://10.0.0.9');
  });

  it('takes every label that a hub takes when a target is added, and no longer one', () => {
    const takes = (label: string) => {
      const isAdded = newTargetSchema.safeParse({ host: '10.0.0.2', label }).success;
      let isRun = true;
      try {
        configOf({ BOONER_LABEL: label });
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        isRun = false;
      }
      return [isAdded, isRun];
    };
    const longest = 'x'.repeat(MAX_LABEL_CHARACTERS);
    expect(takes(longest)).toEqual([true, true]);
    expect(takes(`${longest}x`)).toEqual([false, false]);
  });

  it('writes host ids in lower case', () => {
    expect(configOf({ BOONER_HOST_ID: 'Web-1.Example.ORG' }).hostId).toBe('web-1.example.org');
  });

  it('keeps the URL from being printed', () => {
    const config = configOf({ REDIS_URL: URL_WITH_PASSWORD });
    expect(config.redis.url.reveal()).toBe(URL_WITH_PASSWORD);
    expect(`${JSON.stringify(config)} ${inspect(config, { depth: null })}`).not.toContain('correct-horse');
  });

  it('needs no Redis for one sample, the help or the version', () => {
    expect(readAgentCommand({ env: {}, argv: ['--once'] }).type).toBe('once');
    expect(readAgentCommand({ env: {}, argv: ['--help'] }).type).toBe('help');
    expect(readAgentCommand({ env: {}, argv: ['--version'] }).type).toBe('version');
    expect(() => readAgentCommand({ env: { REDIS_URL: '' }, argv: [] })).toThrow(ConfigError);
  });

  it.each([
    ['--redis-url', URL_WITH_PASSWORD],
    [`--redis-url=${URL_WITH_PASSWORD}`],
    ['--redis-url', 'rediss://:correct-horse@10.0.0.1'],
  ])('refuses a password in an argument: %s', (...argv) => {
    expect(() => readAgentCommand({ env: {}, argv })).toThrow(/--redis-url: holds a password/);
    expect(() => readAgentCommand({ env: {}, argv })).not.toThrow(/correct-horse/);
  });

  it('accepts a user without a password in an argument, when a file has the password', () => {
    const folder = mkdtempSync(join(tmpdir(), 'booner-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'correct-horse\n');
    const argv = ['--redis-url', 'redis://agent@10.0.0.1'];
    expect(configOf({ REDIS_PASSWORD_FILE: passwordFile }, argv).redis.password?.reveal()).toBe(
      'correct-horse',
    );
    expect(() => configOf({}, argv)).toThrow(/the password of the user "agent" is missing/);
  });
});
