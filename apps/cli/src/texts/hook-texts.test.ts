import { savedHookSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { hookStateText, hookTargetText, lastDeliveryText, newKeyLines } from './hook-texts.ts';

const PLAIN = { style: (_style: unknown, text: string) => text };
const MINUTE_MS = 60_000;

const makeHook = (more: object = {}) =>
  savedHookSchema.parse({
    ...{ name: 'web', createdBy: null, credentialId: null, changedAtMs: 0, keyAtMs: 0, paused: null },
    ...{ issue: null, deliveries: [], url: null, secret: null },
    hook: { action: 'web.deploy', selector: 'role=web' },
    ...more,
  });

it('says whether a hook starts anything, on what, and what was delivered last', () => {
  const delivery = { atMs: 0, id: 'x', outcome: 'ignored', detail: null, rolloutId: null };
  const active = makeHook({ deliveries: [delivery] });
  expect(hookStateText(active, PLAIN)).toBe('active');
  expect(hookTargetText(active)).toBe('role=web');
  expect(lastDeliveryText(active, 5 * MINUTE_MS, PLAIN)).toBe('ignored 5 min ago');
  expect(newKeyLines(active)).toEqual([]);

  const other = makeHook({
    ...{ hook: { action: 'web.deploy', host: '10.0.0.2' }, issue: 'sealed with another key' },
    ...{ url: 'https://hub.example.org/hooks/bnk_x', secret: 'whsec_x' },
  });
  expect(hookStateText(other, PLAIN)).toBe('sealed with another key');
  expect(hookStateText({ ...other, paused: 'paused by ada' }, PLAIN)).toBe('paused by ada');
  expect(hookTargetText(other)).toBe('host=10.0.0.2');
  expect(lastDeliveryText(other, 0, PLAIN)).toBe('');
  expect(newKeyLines(other)).toEqual(['URL:    https://hub.example.org/hooks/bnk_x', 'Secret: whsec_x']);
});
