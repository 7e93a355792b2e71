import {
  ALL_SCOPES,
  hostIdSchema,
  offeredActionSchema,
  parseRolloutId,
  rolloutRequestSchema,
} from '@booner/protocol';
import { expect, it } from 'vitest';
import { newRollout } from '../machine/new-rollout.ts';
import { lookAround } from './look-around.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const ACTION = offeredActionSchema.parse({ name: 'backup', parameters: [], timeoutSeconds: 60 });

it.each([
  ['a person', {}, false, 'ready'],
  ['a schedule', { schedule: 'nightly' }, false, 'not_schedulable'],
  ['a hook', { hook: 'web' }, false, 'not_schedulable'],
  ['a schedule', { schedule: 'nightly' }, true, 'ready'],
  ['a hook', { hook: 'web' }, true, 'ready'],
] as const)(
  'what %s started needs the consent of the host when its turn comes: %o, %s',
  async (_, by, schedulable, type) => {
    const id = parseRolloutId('a'.repeat(21));
    const request = rolloutRequestSchema.parse({ action: 'backup', selector: '*' });
    const hosts = [{ host: HOST, definition: null }];
    const made = newRollout({
      id: id!,
      request,
      hosts,
      createdBy: null,
      credentialId: null,
      nowMs: 1,
      ...by,
    });
    const presence = { actions: [{ ...ACTION, schedulable }] };
    const view = await lookAround(
      {
        tasks: { read: async () => null, readRunner: async () => ({ presence }) as never },
        ...{ board: { get: () => null }, isTarget: () => true, countFiring: () => 0 },
      },
      { ...made, status: 'running' },
      {
        ...{ nowMs: 2, refusals: new Map() },
        creator: async () => ({ subject: null, role: 'admin', scopes: ALL_SCOPES, credential: null }),
      },
    );
    expect(view.readinessOf(HOST)?.type).toBe(type);
  },
);
