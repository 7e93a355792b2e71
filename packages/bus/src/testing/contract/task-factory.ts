import type { Outcome, RunnerPresence, TaskId, TaskOffer } from '@booner/protocol';
import { newTaskIdOf } from '../../host-tasks.ts';
import type { NewTask } from '../../task-ports.ts';
import { HOST } from './sample-factory.ts';

/** A task that a runner is to execute, unless `offer` is `null`. */
export const makeTask = (changes: Partial<NewTask> = {}): NewTask => {
  const params = { folder: '/srv' };
  return {
    id: newTaskIdOf(changes.host ?? HOST),
    host: HOST,
    action: 'disk-usage',
    params,
    offer: { params, sealedParams: null },
    idempotency: null,
    maxQueued: 25,
    createdBy: 'PNYOx4KFKhAG ada@example.org',
    ...changes,
  };
};

export const makeExternalTask = (changes: Partial<NewTask> = {}): NewTask =>
  makeTask({ offer: null, ...changes });

export const makeOffer = ({ id, action, offer, check, traceparent }: NewTask): TaskOffer => ({
  task: id,
  action,
  params: offer?.params ?? {},
  sealedParams: offer?.sealedParams ?? null,
  ...(check && { check }),
  ...(traceparent && { traceparent }),
});

/** Two starts of one runner, and another runner. */
export const FIRST_START = 'state-aaaaaa.start-111111';
export const SECOND_START = 'state-aaaaaa.start-222222';
export const OTHER_RUNNER = 'state-bbbbbb.start-111111';

export const makePresence = (
  changes: Partial<Omit<RunnerPresence, 'instance'>> = {},
): Omit<RunnerPresence, 'instance'> => ({
  version: '0.1.0',
  running: [] as TaskId[],
  actions: [{ name: 'disk-usage', description: '', parameters: [], timeoutSeconds: 60 }],
  publicKey: { kty: 'OKP', crv: 'X25519', x: 'hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo' },
  ...changes,
});

export const COMPLETED: Outcome = { status: 'completed', result: { details: 'done' }, error: null };
export const FAILED: Outcome = { status: 'failed', result: null, error: 'exit code 3' };
export const CANCELLED: Outcome = { status: 'cancelled', result: null, error: 'cancelled' };
