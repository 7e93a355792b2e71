import type { TaskId } from '@booner/protocol';
import type { Context } from 'hono';
import { principalOf, scopeFaultOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { faultyRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import type { CreateTask, CreationOutcome } from './create-task.ts';
import type { TaskRequest } from './task-request.ts';

/** The queue of a target moves on within seconds or within hours; this is a fair time to look again. */
const QUEUE_RETRY_AFTER_SECONDS = '10';
/** More names of actions are counted, not listed. */
const MAX_NAMES = 50;
/** Visible ASCII. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Where the body names what a task is made of; `null` where it does not. */
export type RequestPointers = {
  readonly host: string;
  readonly action: string | null;
  /** Prefix of the parameters' pointers. */
  readonly params: string;
};

/** Makes a task for a request and answers 202, or says why there is none. */
export async function answerCreation(
  c: Context,
  create: CreateTask,
  request: TaskRequest,
  pointers: RequestPointers,
): Promise<Response> {
  const { host, action } = request;
  noteForAudit(c, { target: host, detail: action });
  const principal = principalOf(c);
  const fault = scopeFaultOf(principal, host, action);
  if (fault !== null) return outOfScope(c, fault, fault.scope === 'hosts' ? pointers.host : pointers.action);
  const key = c.req.header('idempotency-key') ?? null;
  if (key !== null && !IDEMPOTENCY_KEY.test(key)) {
    return faultyRequest(c, 400, 'Bad idempotency key', [
      { pointer: '/Idempotency-Key', detail: 'must be 1 to 255 visible characters of ASCII' },
    ]);
  }
  const outcome = await create(request, key, principal.role);
  if (outcome.type === 'accepted') return accepted(c, outcome.id, request);
  return refusal(c, outcome, request, pointers);
}

function accepted(c: Context, id: TaskId, { host, action, external }: TaskRequest): Response {
  c.header('location', `/tasks/${id}`);
  noteForAudit(c, { detail: `${action}, task ${id}` });
  const message =
    external === null ? `${action} is queued on ${host}.` : `${action} on ${host} is driven by its caller.`;
  return c.json({ task_id: id, status: external?.status ?? 'queued', message }, 202);
}

function refusal(
  c: Context,
  outcome: Exclude<CreationOutcome, { type: 'accepted' }>,
  { host, action }: TaskRequest,
  pointers: RequestPointers,
): Response {
  const hostFault = (detail: string) => [{ pointer: pointers.host, detail }];
  switch (outcome.type) {
    case 'unknown_host':
      return problem(
        c,
        404,
        'No such target',
        `No target is registered as ${host}, and no runner serves it.`,
        hostFault('is no target'),
      );
    case 'no_runner':
      return problem(
        c,
        409,
        'No runner',
        `No runner serves ${host} now: start booner-runner there.`,
        hostFault('has no runner now'),
      );
    case 'unknown_action': {
      const detail = `is no action of ${host}; there are: ${nameList(outcome.offered)}`;
      const errors = pointers.action === null ? undefined : [{ pointer: pointers.action, detail }];
      return problem(c, 404, 'No such action', `${JSON.stringify(action)} ${detail}.`, errors);
    }
    case 'not_allowed': {
      const detail = `${action} of ${host} needs the role ${outcome.needed}`;
      noteForAudit(c, { detail });
      return problem(c, 403, 'Not allowed', `${detail}.`);
    }
    case 'bad_params':
      return faultyRequest(
        c,
        422,
        'Bad parameters',
        outcome.faults.map(({ pointer, detail }) => ({ pointer: `${pointers.params}${pointer}`, detail })),
      );
    case 'bad_offer':
      return problem(c, 409, 'Unusable action', `${action} cannot be started on ${host}: ${outcome.detail}.`);
    case 'key_reused':
      return problem(
        c,
        409,
        'Idempotency key reused',
        `The key made task ${outcome.id} from another request; a new request needs a new key.`,
        [{ pointer: '/Idempotency-Key', detail: 'was used for another request' }],
      );
    case 'queue_full':
      c.header('retry-after', QUEUE_RETRY_AFTER_SECONDS);
      return problem(
        c,
        429,
        'Queue full',
        `${outcome.queued} tasks wait for ${host} already.`,
        hostFault('has a full queue'),
      );
    default:
      return outcome satisfies never;
  }
}

export function nameList(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}
