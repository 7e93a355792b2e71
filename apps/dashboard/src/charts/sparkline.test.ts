import { expect, it } from 'vitest';
import { sparklinePaths } from './sparkline.tsx';

it('breaks where nothing is known, by a missing value and by a silence', () => {
  const times = [0, 10, 20, 30, 40, 80, 90, 100];
  const values = [0, 1, null, 0.5, 0.5, 0, 0, null];
  const { line, area } = sparklinePaths({ times, values }, 0, 100, 10);
  expect(line).toBe('M0.0 23.0L10.0 1.0M30.0 12.0L40.0 12.0M80.0 23.0L90.0 23.0');
  expect(area.match(/Z/g)).toHaveLength(3);
});

it('draws a point alone as a dot, and nothing from outside its time', () => {
  const points = { times: [-5, 50, 105], values: [1, 0, 1] };
  expect(sparklinePaths(points, 0, 100, 10)).toEqual({ line: 'M50.0 23.0h0', area: '' });
});
