import { describe, expect, it } from 'vitest';
import { inventorySchema } from './inventory.ts';
import { logEntrySchema } from './task-log.ts';
import { escapeInvisible, isVisibleText, visibleText } from './visible-text.ts';

describe('visible text', () => {
  it.each([
    ['an escape', '\u001b'],
    ['a C1 control', '\u009b'],
    ['a line break', '\n'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['a bidirectional override', '\u202e'],
    ['a bidirectional isolate', '\u2066'],
    ['an Arabic letter mark', '\u061c'],
    ['a zero-width space', '\u200b'],
    ['a joiner between Latin letters', '\u200d'],
    ['a non-joiner between Latin letters', '\u200c'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a filler', '\u3164'],
    ['a tag', '\u{e0041}'],
  ])('does not contain %s', (_name, character) => {
    expect(isVisibleText(`a${character}b`)).toBe(false);
    expect(visibleText(`a${character}b`)).toBe('ab');
    expect(visibleText(`a${character}${character}b`, { replacement: '?' })).toBe('a??b');
    expect(visibleText(`a${character}b\u0007`, { keep: character })).toBe(`a${character}b`);
  });

  it.each([
    ['any script', 'Überlingen, CI #2 \u65e5\u672c\u8a9e \u0639\u0631\u0628\u064a 😀'],
    ['Persian with non-joiners', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
    ['Hindi with a joiner', '\u0915\u094d\u200d\u0937'],
    ['emoji of several parts', '👩🏽\u200d💻 👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3'],
  ])('may be %s', (_name, text) => {
    expect(isVisibleText(text)).toBe(true);
    expect(visibleText(text)).toBe(text);
  });

  it('has no more joiners than writing needs', () => {
    expect(visibleText('\u0647\u200d\u200d\u200da')).toBe('\u0647\u200da');
  });
});

it('JSON with escapes means the same, and shows what is invisible in it', () => {
  const value = { a: 'b\u202e\u009b\u{e0041}\u007f', list: ['\u200b', '👩\u200d💻', 'ü'] };
  const json = JSON.stringify(value, null, 2);
  const escaped = escapeInvisible(json);
  expect(JSON.parse(escaped)).toEqual(value);
  expect(escaped).toContain('"b\\u202e\\u009b\\udb40\\udc41\\u007f"');
  expect(isVisibleText(escaped.replaceAll('\n', ''))).toBe(true);
});

describe('what a host says about itself', () => {
  it('loses its invisible characters', () => {
    const os = { platform: 'linux', name: null, kernel: null, architecture: 'x64' };
    const inventory = {
      ...{ takenAtMs: 1, hostname: 'db\u200b', cpu: null, memoryTotalBytes: null, gpus: [], os },
      ...{ virtualization: null, label: 'db\u202egnp.exe', agentVersion: '1' },
    };
    expect(inventorySchema.parse(inventory)).toMatchObject({ hostname: 'db', label: 'dbgnp.exe' });
  });

  it('keeps lines, tabs and colours in a log', () => {
    const text = '\u001b[31mred\u001b[0m\tone\ntwo';
    expect(logEntrySchema.parse({ line: 1, stream: 'stdout', text: `${text}\u202e\u009b` }).text).toBe(text);
  });
});
