import { expect, it } from 'vitest';
import { changeText, readChanges, splitWords } from './label-changes.ts';

it('splits hosts from the labels after them', () => {
  expect(splitWords(['10.0.0.2', 'web-1', 'env=prod', 'old-'])).toEqual({
    hosts: ['10.0.0.2', 'web-1'],
    labels: ['env=prod', 'old-'],
  });
  expect(splitWords(['old-'])).toEqual({ hosts: [], labels: ['old-'] });
  expect(splitWords(['10.0.0.2', 'role'])).toEqual({ hosts: ['10.0.0.2', 'role'], labels: [] });
});

it('reads labels to set and to remove, and refuses what the hub would refuse', () => {
  expect(readChanges(['env=a=b', 'note=', 'old-'])).toEqual({ env: 'a=b', note: '', old: null });
  for (const [words, message] of [
    [['env=a', 'role'], /^role has no value$/],
    [['Role=a'], /^Role must be a label key/],
    [['os=linux'], /^os must not be os/],
    [['env= a'], /^the value of env must not begin/],
    [['env=a', 'env-'], /^env is specified twice$/],
  ] as const) {
    expect(() => readChanges(words)).toThrow(message);
  }
});

it('says what would change', () => {
  const labels = { env: 'test', role: 'db', old: '1' };
  const changes = readChanges(['env=prod', 'role=db', 'zone=b', 'old-', 'gone-']);
  expect(changeText(changes, labels)).toBe('env: test -> prod, zone=b, old-');
  expect(changeText({ role: 'db', gone: null }, labels)).toBe('no change');
  expect(changeText({ constructor: null }, labels)).toBe('no change');
});
