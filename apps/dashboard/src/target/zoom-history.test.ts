import { emptyHistory } from '@booner/client';
import { expect, it } from 'vitest';
import { zoomHistory } from './zoom-history.ts';

const history = {
  ...emptyHistory(null, 0, 60),
  times: [0, 10, 20, 30, 40, 50],
  cpuUsageRatio: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
  coreUsageRatios: [[0, 0.1, 0.2, 0.3, 0.4, 0.5]],
};

it('keeps the rows of a span, and one on each side, in every column', () => {
  const zoomed = zoomHistory(history, { fromMs: 15, toMs: 30 });
  expect(zoomed).toMatchObject({
    times: [10, 20, 30, 40],
    cpuUsageRatio: [0.1, 0.2, 0.3, 0.4],
    coreUsageRatios: [[0.1, 0.2, 0.3, 0.4]],
    fromMs: 15,
    toMs: 30,
  });
  expect(zoomHistory(history, { fromMs: 90, toMs: 100 })).toMatchObject({ times: [], coreUsageRatios: [[]] });
});
