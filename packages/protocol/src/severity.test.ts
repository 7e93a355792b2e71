import { expect, it } from 'vitest';
import { severityOf } from './severity.ts';

it('has the severity of the percentage that is shown', () => {
  expect([null, 0.79, 0.795, 0.89, 0.896, 1].map(severityOf)).toEqual([
    'normal',
    'normal',
    'warn',
    'warn',
    'bad',
    'bad',
  ]);
});
