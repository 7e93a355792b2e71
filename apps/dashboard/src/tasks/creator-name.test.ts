import { expect, it } from 'vitest';
import { creatorName } from './creator-name.ts';

it('is the name without the id of the credential', () => {
  expect(creatorName('PNYOx4KFKhAG Ada Lovelace')).toBe('Ada Lovelace');
  expect(creatorName('ci')).toBe('ci');
});
