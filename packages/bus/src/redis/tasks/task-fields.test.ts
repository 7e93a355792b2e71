import { type Cursor, newTaskId, type Task } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../connection/stream-fields.ts';
import { encodeField, readEventFields, readTaskFields, TASK_FIELDS } from './task-fields.ts';

const ID = newTaskId();
const CURSOR = '1795417144464-0' as Cursor;

const TASK: Task = {
  id: ID,
  version: 3,
  status: 'failed',
  host: '10.0.0.2' as Task['host'],
  action: 'disk-usage',
  params: { folder: '/srv', list: [], nested: { empty: {} } },
  external: true,
  check: false,
  attempt: 2,
  maxAttempts: 3,
  createdAtMs: 1_795_417_144_464,
  createdBy: 'PNYOx4KFKhAG Größe',
  rollout: 'V1StGXR8_Z5jdHi6B-myT' as Task['rollout'],
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  startedAtMs: 1_795_417_144_465,
  endedAtMs: 1_795_417_144_466,
  cancelRequestedAtMs: null,
  progressPercent: 0,
  message: 'Größe 中',
  result: null,
  error: 'exit code 3',
  logLines: 12,
  steps: [
    { name: 'build', status: 'completed', attempts: 2, durationMs: 1200, firstLine: 1 },
    { name: 'deploy', status: 'failed', attempts: 1, durationMs: 0, firstLine: 9 },
  ],
  artefacts: {
    files: [{ name: 'out/a.log', bytes: 3, sha256: 'a'.repeat(64) }],
    missing: [{ name: 'b', reason: 'there is no such file' }],
  },
};

const stored = (changes: Record<string, string | null> = {}) =>
  TASK_FIELDS.map((field) => {
    if (changes[field] !== undefined) return changes[field];
    if (field === 'external') return '1';
    if (field === 'check') return null;
    return TASK[field] === null ? null : encodeField(TASK[field]);
  });

const event = (fields: Record<string, string>) => readEventFields(CURSOR, Object.entries(fields).flat());

describe('a stored task', () => {
  it('is read as it was written; what is absent is null', () => {
    expect(readTaskFields(ID, stored())).toEqual({ ok: true, value: TASK });
  });

  it('that says nothing of being external is a runner’s', () => {
    expect(readTaskFields(ID, stored({ external: null }))).toMatchObject({ value: { external: false } });
  });

  it.each([
    ['an absent status', { status: null }, 'status'],
    ['an unknown status', { status: 'hunter2' }, 'status'],
    ['a version that is no number', { version: '1e3' }, 'version'],
    ['a negative number', { attempt: '-1' }, 'attempt'],
    ['a number of 20 digits', { createdAtMs: '1'.repeat(20) }, 'createdAtMs'],
    ['a bad host', { host: 'A B' }, 'host'],
    ['params that are no JSON', { params: 'hunter2' }, 'params'],
    ['params that are a list', { params: '[]' }, 'params'],
    ['params of 1 MB', { params: `{"a":"${'x'.repeat(2 ** 20)}"}` }, 'params'],
    ['a result that is nested deeply', { result: `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}` }, 'result'],
    ['the id of another task', { id: newTaskId() }, 'id'],
    ['a percentage over 100', { progressPercent: '101' }, 'progressPercent'],
    ['a step without a name', { steps: '[{"status":"running"}]' }, 'steps.0.name'],
  ])('with %s is rejected with the field, without quoting it', (_, changes, field) => {
    const reading = readTaskFields(ID, stored(changes));
    expect(reading).toMatchObject({
      ok: false,
      rejection: { reason: 'wrong_shape', detail: expect.stringMatching(`^task ${ID}: ${field}: .`) },
    });
    expect(JSON.stringify(reading)).not.toContain('hunter2');
  });
});

describe('a stored event', () => {
  it('holds the fields that changed; an empty text is null', () => {
    const fields = { task: ID, kind: 'started', version: '2', host: '10.0.0.2', status: 'running' };
    expect(event({ ...fields, attempt: '1', message: '', startedAtMs: '5' })).toEqual({
      ok: true,
      value: {
        type: 'event',
        cursor: CURSOR,
        kind: 'started',
        task: {
          id: ID,
          version: 2,
          host: '10.0.0.2',
          status: 'running',
          attempt: 1,
          message: null,
          startedAtMs: 5,
        },
      },
    });
  });

  it('of a creation holds the whole task', () => {
    const fields = { version: '1', status: 'queued', host: '10.0.0.2', action: 'a', params: '{}' };
    const reading = event({
      ...fields,
      task: ID,
      kind: 'created',
      attempt: '0',
      createdAtMs: '5',
      logLines: '0',
    });
    expect(reading).toMatchObject({ ok: true, value: { kind: 'created' } });
    if (!reading.ok) return;
    expect(Object.keys(reading.value.task).sort()).toEqual([...TASK_FIELDS].sort());
    expect(reading.value.task).toMatchObject({
      external: false,
      startedAtMs: null,
      result: null,
      steps: null,
      check: false,
      params: {},
    });
  });

  it.each([
    ['nothing', {}],
    ['no task', { kind: 'ended', version: '2', host: '10.0.0.2', status: 'failed' }],
    ['an unknown kind', { task: ID, kind: 'paused', version: '2', host: '10.0.0.2', status: 'failed' }],
    ['a creation without its fields', { task: ID, kind: 'created', version: '1', host: '10.0.0.2' }],
    ['an empty version', { task: ID, kind: 'ended', version: '', host: '10.0.0.2', status: 'failed' }],
  ])('with %s is rejected', (_, fields) => {
    expect(event(fields)).toMatchObject({
      ok: false,
      rejection: { detail: expect.stringMatching(`^event ${CURSOR}: `) },
    });
  });

  it('is read by its own fields alone', () => {
    const odd = fieldsOf(['__proto__', 'x', 'constructor', 'y', 'alone']);
    expect([...odd]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});
