import type { HostId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { episodeId } from './episode-id.ts';

const SUBJECT = { host: '10.0.0.2' as HostId, device: '/srv' };

it('gives the same episode the same id, which a command line takes for no option', () => {
  const ids = Array.from({ length: 1000 }, (_, startedAtMs) => episodeId('disk-usage', SUBJECT, startedAtMs));
  expect(ids.every((id) => /^\w[\w-]{20}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(episodeId('disk-usage', SUBJECT, 7)).toBe(ids[7]);
});
