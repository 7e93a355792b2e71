import type { QuietTime } from '@booner/protocol';
import type { FindSpans } from './time-span.ts';

export const findOnceSpans: FindSpans<Extract<QuietTime, { type: 'once' }>> = ({ from, until }) => [
  { fromMs: Date.parse(from), untilMs: Date.parse(until) },
];
