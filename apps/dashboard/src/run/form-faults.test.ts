import { BoonerError } from '@booner/client';
import type { Problem } from '@booner/protocol';
import { expect, test } from 'vitest';
import { faultsByField, faultsOfAnswer } from './form-faults.ts';

const refusal = (errors: Problem['errors']) =>
  new BoonerError('invalid', 'Bad parameters', {
    problem: { type: 'about:blank', title: 'Bad parameters', status: 422, errors } as Problem,
  });

test('each field has its first fault', () => {
  const faults = [
    { pointer: '/seconds', detail: 'must be at most 600' },
    { pointer: '/seconds', detail: 'is odd' },
  ];
  expect(faultsByField(faults, ['seconds'])).toEqual({
    fields: { seconds: 'must be at most 600' },
    form: [],
  });
});

test('what the hub has against a parameter stands at its field', () => {
  const error = refusal([{ pointer: '/params/seconds', detail: 'must be at most 600' }]);
  expect(faultsOfAnswer(error, ['seconds'])).toEqual({
    fields: { seconds: 'must be at most 600' },
    form: [],
  });
});

test('what it has against anything else is said of the whole', () => {
  const error = refusal([{ pointer: '/host', detail: 'has no runner now' }]);
  expect(faultsOfAnswer(error, ['seconds'])).toEqual({ fields: {}, form: ['Bad parameters'] });
  expect(faultsOfAnswer(new BoonerError('unreachable', 'no answer'), [])).toEqual({
    fields: {},
    form: ['no answer'],
  });
});
