import { expect, test } from 'vitest';
import { parseBenchArguments } from './bench-arguments.ts';

const parse = (...argv: string[]) => parseBenchArguments(argv, 'results');

test('without arguments all parts run in full', () => {
  expect(parse()).toEqual({
    parts: [
      'agent',
      'fan-out',
      'ingest',
      'tasks-latency',
      'tasks-throughput',
      'tasks-load',
      'rollouts-speed',
      'rollouts-dashboard',
      'history-size',
      'history-writing',
      'history-reading',
      'history-dashboard',
      'alerts-evaluation',
      'alerts-latency',
      'outage',
    ],
    isShort: false,
    jsonFile: 'results/all.json',
  });
});

test('one part, in short', () => {
  expect(parse('fan-out', '--short')).toEqual({
    parts: ['fan-out'],
    isShort: true,
    jsonFile: 'results/fan-out-short.json',
  });
});

test('the parts about tasks share one name', () => {
  expect(parse('tasks', '--short')).toEqual({
    parts: ['tasks-latency', 'tasks-throughput', 'tasks-load'],
    isShort: true,
    jsonFile: 'results/tasks-short.json',
  });
  expect(parse('tasks-load').parts).toEqual(['tasks-load']);
});

test('the file of the figures can be chosen', () => {
  expect(parse('agent', '--json', '/tmp/x.json').jsonFile).toBe('/tmp/x.json');
});

test('unknown arguments are refused', () => {
  expect(() => parse('fanout')).toThrow('there is no part "fanout"');
  expect(() => parse('agent', 'ingest')).toThrow('one part or group');
  expect(() => parse('--quick')).toThrow('--quick');
});
