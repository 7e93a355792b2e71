import fc from 'fast-check';
import { expect, it } from 'vitest';
import { environmentText } from './environment-file.ts';

/**
 * Reads double-quoted values as systemd does (parse_env_file in src/basic/env-file.c): a backslash
 * escapes `"`, `\`, `` ` `` and `$`, and stays in front of any other character.
 */
function parse(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    const equals = text.indexOf('="', at);
    const name = text.slice(at, equals);
    let value = '';
    for (at = equals + 2; text[at] !== '"'; at += 1) {
      const next = text[at + 1] ?? '';
      if (text[at] === '\\' && '"\\`$'.includes(next)) at += 1;
      value += text[at];
    }
    values[name] = value;
    expect(text[at + 1]).toBe('\n');
    at += 2;
  }
  return values;
}

it('gives systemd exactly these values, whatever they contain', () => {
  const value = fc.string({
    unit: fc.constantFrom('"', '\\', '`', '$', '{', '}', "'", ' ', '\n', '#', '=', 'n', 'é'),
  });
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), value), (env) => {
      expect(parse(environmentText(env))).toEqual({ ...env });
    }),
  );
});
