import { expect, it } from 'vitest';
import { changeViews, findNameIssue, parseViews, type SavedView } from './saved-views.ts';

const offline: SavedView = { page: 'fleet', name: 'Offline', search: '?status=offline' };
const failed: SavedView = { page: 'tasks', name: 'Failed', search: '?status=failed' };

it('reads what it stored, and leaves out what is not a view', () => {
  expect(parseViews(JSON.stringify([offline, failed]))).toEqual([offline, failed]);
  expect(parseViews(null)).toEqual([]);
  for (const text of ['', '{', 'null', '{"0":1}', '"x"']) expect(parseViews(text)).toEqual([]);
  const wrong = [
    null,
    { ...offline, page: 'elsewhere' },
    { ...offline, name: '' },
    { ...offline, search: '//example.org' },
    { ...offline, search: 'javascript:alert(1)' },
  ];
  expect(parseViews(JSON.stringify([...wrong, { ...failed, more: 1 }]))).toEqual([failed]);
});

it('saves, renames and removes a view of one page', () => {
  const sameName: SavedView = { ...failed, name: 'Offline' };
  const views = [offline, failed, sameName];
  expect(changeViews([offline], { type: 'save', view: failed })).toEqual([offline, failed]);
  expect(changeViews(views, { type: 'rename', view: offline, name: 'Gone' })).toEqual([
    { ...offline, name: 'Gone' },
    failed,
    sameName,
  ]);
  expect(changeViews(views, { type: 'remove', view: sameName })).toEqual([offline, failed]);
});

it('wants a name that no other view of the page has', () => {
  expect(findNameIssue([offline], 'fleet', 'Databases')).toBeNull();
  expect(findNameIssue([offline], 'tasks', 'Offline')).toBeNull();
  expect(findNameIssue([offline], 'fleet', 'Offline')).toMatch(/already/);
  expect(findNameIssue([], 'fleet', '')).toMatch(/^Enter a name/);
  expect(findNameIssue([], 'fleet', 'x'.repeat(61))).toMatch(/at most 60/);
  const many = Array.from({ length: 100 }, (_, n): SavedView => ({ ...offline, name: `${n}` }));
  expect(findNameIssue(many, 'fleet', 'one more')).toMatch(/Remove one first/);
});
