import { hostIdSchema, MIN_INTERVAL_MS } from '@booner/protocol';
import { expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../../stored-values.ts';
import { createChannelMeter } from './channel-meter.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const OTHER = hostIdSchema.parse('10.0.0.3');
const MIB = 2 ** 20;

it('lets two agents send the largest samples at the shortest interval for ever', () => {
  const meter = createChannelMeter();
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += MIN_INTERVAL_MS) {
    expect(meter.count(HOST, MAX_VALUE_BYTES, nowMs)).toBe('parse');
    expect(meter.count(HOST, MAX_VALUE_BYTES, nowMs)).toBe('parse');
  }
});

it('takes no burst after a pause of the hub for a flood: not what Redis keeps for it at most', () => {
  const meter = createChannelMeter();
  const verdicts = new Set<string>();
  for (let bytes = 0; bytes < 32 * MIB; bytes += MAX_VALUE_BYTES) {
    verdicts.add(meter.count(HOST, MAX_VALUE_BYTES, 1000));
  }
  expect([...verdicts]).toEqual(['parse', 'excess']);
});

it('finds a flood of large, of largest and of small messages, and only its own channel is concerned', () => {
  for (const bytes of [1_000_000, MAX_VALUE_BYTES, 10]) {
    const meter = createChannelMeter();
    const perMs = Math.max(1, Math.round(100_000 / Math.max(bytes, 4096)));
    let nowMs = 0;
    while (nowMs < 10_000 && meter.count(HOST, bytes, nowMs) !== 'flood') nowMs += 1 / perMs;
    expect(nowMs).toBeLessThan(10_000);
    expect(meter.count(OTHER, bytes, nowMs)).toBe('parse');
  }
});

it('parses a bounded part of a flood, and starts anew with a host that is forgotten', () => {
  const meter = createChannelMeter();
  let parsed = 0;
  for (let nowMs = 0; nowMs < 1000; nowMs += 2) {
    if (meter.count(HOST, MAX_VALUE_BYTES, nowMs) === 'parse') parsed += 1;
  }
  expect(parsed).toBeGreaterThan(0);
  expect(parsed).toBeLessThan(10);
  expect(meter.count(HOST, 1000, 1000)).toBe('flood');
  meter.forget(HOST);
  expect(meter.count(HOST, 1000, 1000)).toBe('parse');
});
