import { BoonerError } from '@booner/client';
import type { Problem } from '@booner/protocol';
import { expect, test } from 'vitest';
import { issuesByField, issuesOfAnswer, NO_ISSUES } from './form-issues.ts';

const refusal = (errors: Problem['errors']) =>
  new BoonerError('invalid', 'Bad parameters', {
    problem: { type: 'about:blank', title: 'Bad parameters', status: 422, errors } as Problem,
  });

test('each field has its first issue', () => {
  const issues = [
    { pointer: '/seconds', detail: 'must be at most 600' },
    { pointer: '/seconds', detail: 'is odd' },
  ];
  expect(issuesByField(issues, ['seconds'])).toEqual({
    fields: { seconds: 'must be at most 600' },
    form: [],
  });
});

test('an issue inside of a value stands at its field, and not at one whose name begins alike', () => {
  const issues = [{ pointer: '/hosts/1', detail: 'must be a host name' }];
  expect(issuesByField(issues, ['host', 'hosts']).fields).toEqual({ hosts: 'must be a host name' });
});

test("the hub's objection to a parameter stands at its field", () => {
  const error = refusal([{ pointer: '/params/seconds', detail: 'must be at most 600' }]);
  expect(issuesOfAnswer(error, ['seconds'], '/params')).toEqual({
    fields: { seconds: 'must be at most 600' },
    form: [],
  });
});

test('its objection to anything else is shown for the whole form', () => {
  const error = refusal([{ pointer: '/host', detail: 'has no runner now' }]);
  expect(issuesOfAnswer(error, ['seconds'], '/params')).toEqual({ fields: {}, form: ['Bad parameters'] });
  expect(issuesOfAnswer(new BoonerError('unreachable', 'no answer'), [])).toEqual({
    fields: {},
    form: ['no answer'],
  });
  expect(issuesOfAnswer(null, ['seconds'])).toBe(NO_ISSUES);
});
