import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { notesOf } from './target-notes.ts';

describe('what is noted of a target', () => {
  it('is nothing when all is well', () => {
    expect(notesOf(fakeTarget('a'))).toEqual([]);
  });

  it('is said in words', () => {
    const words = notesOf(
      fakeTarget('a', { diskUsageRatio: 0.95, clockSkewMs: -12_000, conflictingInstances: ['x', 'y'] }),
    ).map((note) => note.words);
    expect(words).toEqual([
      expect.stringMatching(/^Disk 95.?%$/),
      '2 agents',
      expect.stringMatching(/^Clock 12.* behind$/),
    ]);
  });
});
