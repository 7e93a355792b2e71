import { expect, it } from 'vitest';
import { seriesCsv } from './series-csv.ts';

it('has a row for each point, empty cells for gaps, and names that no spreadsheet misreads', () => {
  const line = (label: string, ...avg: (number | null)[]) => ({ label, avg, min: avg, max: avg });
  const csv = seriesCsv({
    times: [0, 1000],
    lines: [line('a,"b"', 0.5, null), line('=1+1', 2, 3)],
    before: [line('a,"b"', 7)],
  });
  expect(csv).toBe(
    'time,"a,""b"" avg","a,""b"" min","a,""b"" max",\'=1+1 avg,\'=1+1 min,\'=1+1 max,"a,""b"" avg before"\r\n' +
      '1970-01-01T00:00:00.000Z,0.5,0.5,0.5,2,2,2,7\r\n' +
      '1970-01-01T00:00:01.000Z,,,,3,3,3,\r\n',
  );
});
