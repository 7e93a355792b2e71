import { describe, expect, it } from 'vitest';
import { createFailureLimit } from './failure-limit.ts';

describe('the limit of failures', () => {
  it('allows ten different guesses a minute per address, and returns the wait for further ones', async () => {
    const limit = createFailureLimit();
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await limit.count('10.0.0.2', `${guess}`)).toBeNull();
    }
    const waitMs = await limit.count('10.0.0.2', 'eleventh');
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect(await limit.count('10.0.0.3', 'first')).toBeNull();
  });

  it('counts a repeated wrong credential once', async () => {
    const limit = createFailureLimit();
    for (let time = 0; time < 50; time += 1) expect(await limit.count('10.0.0.2', 'revoked')).toBeNull();
    for (let guess = 0; guess < 9; guess += 1) {
      expect(await limit.count('10.0.0.2', `${guess}`)).toBeNull();
    }
    expect(await limit.count('10.0.0.2', 'one too many')).not.toBeNull();
  });

  it('counts every failure without a guess', async () => {
    const limit = createFailureLimit();
    for (let time = 0; time < 10; time += 1) expect(await limit.count('10.0.0.2')).toBeNull();
    expect(await limit.count('10.0.0.2')).not.toBeNull();
  });
});
