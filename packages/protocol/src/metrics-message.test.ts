import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricsMessageSchema } from './metrics-message.ts';
import { NOTHING_MEASURED } from './nothing-measured.ts';

const sample = {
  type: 'sample',
  host: '10.0.0.2',
  instance: 'abc',
  sequence: 1,
  sampledAtMs: 1,
  inventoryTakenAtMs: null,
  intervalMs: 3000,
  ...NOTHING_MEASURED,
  uptimeSeconds: 1,
  cpu: { usageRatio: 0.5, userRatio: 0.3, systemRatio: 0.2, iowaitRatio: 0, stealRatio: 0, cores: [] },
};
const accepts = (change: object) => metricsMessageSchema.safeParse({ ...sample, ...change }).success;

describe('a message on a metrics channel', () => {
  it('is a sample or a bye, and may have keys of a later version', () => {
    expect(accepts({})).toBe(true);
    expect(accepts({ ofALaterVersion: 1 })).toBe(true);
    expect(metricsMessageSchema.safeParse({ type: 'bye' }).success).toBe(true);
  });

  it('has no negative, infinite or absent values', () => {
    expect(accepts({ uptimeSeconds: -1 })).toBe(false);
    expect(accepts({ uptimeSeconds: Number.POSITIVE_INFINITY })).toBe(false);
    expect(accepts({ uptimeSeconds: Number.NaN })).toBe(false);
    expect(accepts({ cpu: undefined })).toBe(false);
    expect(accepts({ cpu: { ...sample.cpu, usageRatio: 1.5 } })).toBe(false);
    expect(accepts({ host: '*' })).toBe(false);
    expect(accepts({ intervalMs: 0 })).toBe(false);
  });

  it('is parsed without an exception, whatever it is', () => {
    fc.assert(fc.property(fc.anything(), (value) => void metricsMessageSchema.safeParse(value)));
  });
});
