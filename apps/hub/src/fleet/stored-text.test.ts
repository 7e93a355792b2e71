import { describe, expect, it } from 'vitest';
import { StoredText } from './stored-text.ts';

describe('StoredText', () => {
  it('holds nothing before something is written', () => {
    expect(new StoredText().read()).toBeNull();
  });

  it('returns the last text, longer or shorter than the one before, in any characters', () => {
    const stored = new StoredText();
    for (const text of ['{"cpu":1}', 'x'.repeat(5000), 'é€😀'.repeat(400), '', '{"°C":51}']) {
      stored.write(text);
      expect(stored.read()).toBe(text);
    }
  });

  it('keeps each text apart from every other', () => {
    const [one, two] = [new StoredText(), new StoredText()];
    one.write('one');
    two.write('two');
    one.write('1');
    expect([one.read(), two.read()]).toEqual(['1', 'two']);
  });
});
