import type { Annotation } from '@booner/protocol';
import { expect, it } from 'vitest';
import { groupMarks } from './group-marks.ts';

const at = (atMs: number): Annotation => ({ atMs, untilMs: null, kind: 'offline', text: '', taskId: null });

it('groups events that are too close for a mark each, and puts earlier ones at the start', () => {
  const marks = groupMarks(
    [at(150), at(-20), at(151), at(400), at(1200)],
    { fromMs: 0, toMs: 1000 },
    { widthPx: 500, gapPx: 10 },
  );
  expect(marks.map(({ place, events }) => [place, events.map(({ atMs }) => atMs)])).toEqual([
    [0, [-20]],
    [0.15, [150, 151]],
    [0.4, [400]],
  ]);
});
