import type { HostId } from '@booner/protocol';
import { parseAccessSelector } from '@booner/protocol/selector';
import { expect, test } from 'vitest';
import { countsOf, lastSet, outcomeText, type SecretTarget, selectorOf } from './secret-facts.ts';

const target = (host: string, setAtMs: number, state: SecretTarget['state'] = 'usable'): SecretTarget => ({
  ...{ host: host as HostId, runnerKey: 'x'.repeat(43), setAtMs, setBy: null, state },
});
const secretOf = (...targets: SecretTarget[]) => ({ name: 'token', targets });

test('a target with another key is counted, one that has no runner now is not', () => {
  const secret = secretOf(target('a', 1), target('b', 3, 'key_changed'), target('c', 2, 'unknown'));
  expect(countsOf(secret)).toEqual({ all: '3 targets', wrong: '1 cannot open it' });
  expect(countsOf(secretOf(target('a', 1)))).toEqual({ all: '1 target', wrong: null });
  expect(lastSet(secret)?.host).toBe('b');
});

test('the selector of a secret selects its targets alone', () => {
  for (const hosts of [['10.0.0.1'], ['10.0.0.1', 'db-1.example.org']]) {
    const parsed = parseAccessSelector(selectorOf(secretOf(...hosts.map((host) => target(host, 1)))));
    const matches = (host: string) =>
      parsed.ok && parsed.value.matches({ host: host as HostId, operatorLabels: {} });
    expect(hosts.map(matches)).toEqual(hosts.map(() => true));
    expect(matches('10.0.0.2')).toBe(false);
  }
});

test('an outcome never sounds like a success if nothing was set', () => {
  const set = [{ host: 'a', runnerKey: '' }];
  expect(outcomeText({ targets: set, withoutRunner: ['b'] })).toBe('It is set for 1 target.');
  expect(outcomeText({ targets: [], withoutRunner: ['b'] })).toMatch(/^It was not set, because no runner/);
  expect(outcomeText({ targets: [], withoutRunner: [] })).toMatch(/^It was not set: no target matches/);
});
