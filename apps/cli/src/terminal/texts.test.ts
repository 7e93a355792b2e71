import { describe, expect, it } from 'vitest';
import { bar, sparkline } from './bar.ts';
import { chartLines } from './chart.ts';
import { ageText, bytesText, durationText, percentText, whenText } from './figures.ts';
import { safeLogLine, safeText } from './safe-text.ts';
import { createTerminal } from './terminal.ts';

describe('figures', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KB'],
    [1024, '1.00 KB'],
    [10_240, '10.0 KB'],
    [1024 ** 3 * 31.6, '31.6 GB'],
    [1024 ** 3 * 252.2, '252 GB'],
    [null, '--'],
  ])('format %s bytes as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('format ages in a single unit, and unknown values never as 0', () => {
    expect(durationText(59)).toBe('59 s');
    expect(durationText(3599)).toBe('59 min');
    expect(durationText(86_400 * 12.9)).toBe('12 d');
    expect(ageText(1_000, 4_000)).toBe('now');
    expect(ageText(null, 4_000)).toBe('never');
    expect(whenText(3_600_000 * 5, 0)).toBe('in 5 h');
    expect(percentText(null)).toBe('--');
    expect(percentText(0.456)).toBe('46 %');
  });
});

describe('bars', () => {
  it('are exact to an eighth of a cell, and ASCII without Unicode', () => {
    expect(bar(0.5, 4, true)).toBe('██░░');
    expect(bar(9 / 32, 4, true)).toBe('█▏░░');
    expect(bar(2, 4, true)).toBe('████');
    expect(bar(null, 4, true)).toBe('    ');
    expect(bar(0.5, 4, false)).toBe('##..');
  });

  it('show the latest values, with gaps', () => {
    expect(sparkline([0, 0.5, null, 1], 6, true)).toBe('  ▁▅ █');
    expect(sparkline([0, 0, 0, 1], 2, true)).toBe('▁█');
    expect(sparkline([0, 1], 2, false)).toBe('_#');
  });
});

describe('charts', () => {
  const at = (avg: number, max = avg) => ({ avg, min: avg, max });

  it('fill up to the average and shade up to the maximum, in Unicode or ASCII', () => {
    const cells = [at(0), at(0.5), at(0.25, 1), at(1)];
    expect(chartLines(cells, { rows: 2, top: 1, hasUnicode: true })).toEqual(['  ░█', '▁█▄█']);
    expect(chartLines(cells, { rows: 2, top: 1, hasUnicode: false })).toEqual(['  :#', '_###']);
  });

  it('leave gaps empty, and show 0 as a line', () => {
    expect(chartLines([at(0), null, at(0)], { rows: 2, top: 0, hasUnicode: true })).toEqual(['', '▁ ▁']);
  });
});

describe('untrusted text', () => {
  it('cannot move the cursor, change colors, or hide the text that follows', () => {
    expect(safeText('a\u001b[2Jb\u001b]0;title\u0007c\r\nd\u0000\u009be')).toBe('abc de');
  });

  it('cannot reorder or hide the text around them', () => {
    expect(safeText('a\u202etxt.exe \u2066b\u200b')).toBe('atxt.exe b');
    expect(safeLogLine('a\u202etxt.exe\tb', true)).toBe('atxt.exe\tb');
    expect(safeLogLine('\u001b[31mred\u202e', true)).toBe('\u001b[31mred\u001b[0m');
  });

  it('is escaped in JSON, which a terminal may show', () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
    const terminal = createTerminal({ stdout: stream, stderr: stream, env: {}, noColor: true });
    const value = { label: 'a\u202etxt.exe\u009b2J' };
    terminal.printJson(value);
    terminal.printJsonLine(value);
    expect(written).toEqual([
      '{\n  "label": "a\\u202etxt.exe\\u009b2J"\n}\n',
      '{"label":"a\\u202etxt.exe\\u009b2J"}\n',
    ]);
  });

  it('keeps its colors in a log until the end of the line', () => {
    const line = '\u001b[31mred\u001b[2J and \u0008more';
    expect(safeLogLine(line, true)).toBe('\u001b[31mred and more\u001b[0m');
    expect(safeLogLine(line, false)).toBe('red and more');
    expect(safeLogLine('tab\tstays', true)).toBe('tab\tstays');
  });
});
