import type { TaskLog } from '@booner/client';
import { formatCount } from '../../format/numbers.ts';
import { logRows } from './log-rows.ts';
import { plainText } from './plain-text.ts';

/** Few enough lines that the page stays responsive. */
const ROWS_A_PART = 5000;

/** Text for a gap. */
export const gapText = (count: number): string =>
  count === 1 ? '1 line is missing here' : `${formatCount(count)} lines are missing here`;

/** Yields a log as text, in parts, without colours and with a line for each gap. */
export function* logText(log: Pick<TaskLog, 'lines' | 'lastLine'>): Generator<string, void, undefined> {
  const rows = logRows(log);
  if (rows.missingBefore > 0) yield `[${gapText(rows.missingBefore)}]\n`;
  for (let from = 0; from < rows.count; from += ROWS_A_PART) {
    let part = '';
    for (let index = from; index < Math.min(from + ROWS_A_PART, rows.count); index++) {
      const row = rows.at(index);
      part += row.type === 'gap' ? `[${gapText(row.count)}]\n` : `${plainText(row.line.text)}\n`;
    }
    yield part;
  }
}
