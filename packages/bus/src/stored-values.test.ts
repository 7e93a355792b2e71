import { parseHostId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { parseSampleText, readMetricsMessage } from './stored-values.ts';
import { HOST, makeSample } from './testing/contract/sample-factory.ts';

const read = (value: object) => readMetricsMessage(HOST, Buffer.from(JSON.stringify(value)));
const deep = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`);

it('reads a sample of a newer agent, with unknown keys of any value and depth', () => {
  const sample = makeSample();
  for (const unknown of [{ moonPhase: -1 }, { shareRatio: 7 }, { list: [{ text: 'x' }] }, { deep }]) {
    const reading = read({ ...sample, ...unknown });
    expect(reading).toMatchObject({ ok: true, value: { message: sample } });
  }
});

it('has the sample alone after its text is parsed', () => {
  const sample = makeSample();
  expect(parseSampleText(JSON.stringify({ ...sample, moonPhase: -1, deep }))).toEqual(sample);
});

it('says which value of a sample is wrong', () => {
  const sample = makeSample();
  const reasonOf = (value: object) => {
    const reading = read(value);
    return reading.ok ? null : `${reading.rejection.reason}: ${reading.rejection.detail}`;
  };
  expect(reasonOf({ ...sample, uptimeSeconds: -1 })).toBe('wrong_shape: uptimeSeconds: must not be negative');
  expect(reasonOf({ ...sample, sequence: 'one' })).toMatch(/^wrong_shape: sequence: /);
  expect(reasonOf({ ...sample, host: parseHostId('10.0.0.99') })).toMatch(/^wrong_host: /);
  expect(reasonOf({ type: 'other' })).toMatch(/^wrong_shape: /);
});

it('reads a goodbye', () => {
  expect(read({ type: 'bye', instance: 'one' })).toMatchObject({
    ok: true,
    value: { message: { type: 'bye', instance: 'one' } },
  });
});
