import { expect, it } from 'vitest';
import { hideSecrets } from './secret-texts.ts';

const RANDOM = 'aZ09_-'.padEnd(43, 'x');

it('hides secrets in texts for logs, also those that were cut off', () => {
  expect(hideSecrets(`POST /heartbeats/bnh_${RANDOM}`)).toBe('POST /heartbeats/bnh_[redacted]');
  expect(hideSecrets(`/x?a=bnr_${RANDOM}&b=bna_abc ticket.${RANDOM}`)).toBe(
    '/x?a=bnr_[redacted]&b=bna_[redacted] ticket.[redacted]',
  );
  expect(hideSecrets(`POST /hooks/bnk_${RANDOM}/x`)).toBe('POST /hooks/bnk_[redacted]/x');
  expect(hideSecrets('a secret whsec_aZ09+/aZ09==, and more')).toBe('a secret whsec_[redacted], and more');
  for (const text of ['/targets/10.0.0.2', '/heartbeats/backup', 'abnh_x'])
    expect(hideSecrets(text)).toBe(text);
});
