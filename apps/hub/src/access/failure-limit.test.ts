import { describe, expect, it } from 'vitest';
import { createFailureLimit } from './failure-limit.ts';

describe('the limit of failures', () => {
  it('allows ten different guesses a minute from one address, and says how long the rest waits', async () => {
    const limit = createFailureLimit();
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await limit.count('10.0.0.2', `${guess}`)).toBeNull();
    }
    expect(await limit.waitMs('10.0.0.2')).toBeNull();
    const waitMs = await limit.count('10.0.0.2', 'eleventh');
    expect(waitMs).toBeGreaterThan(50_000);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    expect(await limit.waitMs('10.0.0.2')).toBeGreaterThan(50_000);
    expect(await limit.waitMs('10.0.0.3')).toBeNull();
  });

  it('takes the same wrong thing, shown again and again, for one failure', async () => {
    const limit = createFailureLimit();
    for (let time = 0; time < 50; time += 1) expect(await limit.count('10.0.0.2', 'revoked')).toBeNull();
    for (let guess = 0; guess < 9; guess += 1) await limit.count('10.0.0.2', `${guess}`);
    expect(await limit.waitMs('10.0.0.2')).toBeNull();
    expect(await limit.count('10.0.0.2', 'one too many')).not.toBeNull();
  });

  it('counts each failure that is no guess', async () => {
    const limit = createFailureLimit();
    for (let time = 0; time < 11; time += 1) await limit.count('10.0.0.2');
    expect(await limit.waitMs('10.0.0.2')).not.toBeNull();
  });
});
