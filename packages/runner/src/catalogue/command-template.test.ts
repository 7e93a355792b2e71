import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fillElement, placeholdersIn } from './command-template.ts';

it('fills placeholders within an argument', () => {
  const texts = new Map([
    ['host', '10.0.0.2'],
    ['port', '80'],
  ]);
  expect(fillElement('http://{{host}}:{{ port }}/{{host}}', texts)).toBe('http://10.0.0.2:80/10.0.0.2');
});

it('leaves an argument out when its only parameter has no value, and keeps a longer one', () => {
  expect(fillElement('{{tag}}', new Map())).toBeNull();
  expect(fillElement('--tag={{tag}}', new Map())).toBe('--tag=');
  expect(fillElement('{{tag}}', new Map([['tag', '']]))).toBe('');
});

it('takes no template of another program for a placeholder', () => {
  expect(placeholdersIn('{{.Names}} {{json .}} {x} {{ }} ${{')).toEqual([]);
  expect(fillElement('{{.Names}}', new Map([['Names', 'x']]))).toBe('{{.Names}}');
});

it('sees a misspelt placeholder', () => {
  expect(placeholdersIn('{{Host}} {{ no-such }}')).toEqual(['Host', 'no-such']);
});

it('puts any value into its argument as it is, and fills no placeholder in it again', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('{{a}}', '$&', "$'", ' ; id', '$(id)')), (value) => {
      expect(fillElement('[{{a}}|{{a}}]', new Map([['a', value]]))).toBe(`[${value}|${value}]`);
      expect(fillElement('{{a}}', new Map([['a', value]]))).toBe(value);
    }),
  );
});
