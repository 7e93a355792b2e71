import { expect, it } from 'vitest';
import { newTaskId, parseTaskId } from './task-id.ts';

it('makes ids that no command line takes for an option', () => {
  const ids = Array.from({ length: 2000 }, newTaskId);
  expect(ids.filter((id) => id.startsWith('-'))).toEqual([]);
  expect(ids.every((id) => parseTaskId(id) === id)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
});
