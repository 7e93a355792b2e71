import { expect, it } from 'vitest';
import { newCredentialId } from './credential-id.ts';
import { newTaskId, parseTaskId } from './task-id.ts';

it.each([
  ['tasks', newTaskId],
  ['credentials', newCredentialId],
])('makes ids of %s that no command line takes for an option', (_, newOne) => {
  const ids = Array.from({ length: 2000 }, newOne);
  expect(ids.filter((id) => id.startsWith('-'))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

it('makes ids of tasks that are read as such', () => {
  const id = newTaskId();
  expect(parseTaskId(id)).toBe(id);
});
