import { parseTraceparent, type TaskId } from '@booner/protocol';
import type { Context } from 'hono';
import { findScopeIssue, lastingCredentialId, principalOf } from '../access/principal.ts';
import { noteForAudit } from '../access/require-credential.ts';
import { outOfScope } from '../access/scope-answer.ts';
import { noSuchTarget } from '../fleet/host-path.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { invalidRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import type { CreateTask, CreationOutcome } from './create-task.ts';
import type { TaskRequest } from './task-request.ts';

/** A queue may move within seconds or within hours; this is a fair time to try again. */
const QUEUE_RETRY_AFTER_SECONDS = '10';
/** Names listed in an answer; further ones are only counted. */
const MAX_NAMES = 50;
/** Visible ASCII. */
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Pointers to the parts of a task in the body; `null`: the body does not have it. */
export type RequestPointers = {
  readonly host: string;
  readonly action: string | null;
  /** Prefix of the parameters' pointers. */
  readonly params: string;
};

/** Problems of routes that create tasks. */
export const CREATION_ERRORS = {
  404: 'No such host, or the host does not offer the action',
  409: 'No runner serves the host, or the key was used for another request',
  422: 'Invalid parameters, a secret that is not set, or an action without a dry run',
  429:
    'Too many tasks are queued for the host, or too many external tasks of the host or of your token are open. ' +
    'Retry after the seconds in `Retry-After`.',
} as const;

export type CreationAnswerDeps = { readonly create: CreateTask; readonly readableOf: ReadableOf };

/** Creates a task and answers 202, or answers with the reason why not. */
export async function answerCreation(
  c: Context,
  { create, readableOf }: CreationAnswerDeps,
  request: Omit<TaskRequest, 'traceparent'>,
  pointers: RequestPointers,
): Promise<Response> {
  const { host, action } = request;
  noteForAudit(c, { target: host, detail: nameOf(request) });
  if (!readableOf(c).has(host)) return noSuchTarget(c, host, pointers.host);
  const principal = principalOf(c);
  const issue = findScopeIssue(principal, host, action);
  if (issue !== null) return outOfScope(c, issue, issue.scope === 'hosts' ? pointers.host : pointers.action);
  const key = c.req.header('idempotency-key') ?? null;
  if (key !== null && !IDEMPOTENCY_KEY.test(key)) {
    return invalidRequest(c, 400, 'Invalid idempotency key', [
      { pointer: '/Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' },
    ]);
  }
  const { role, subject } = principal;
  const credentialId = lastingCredentialId(principal);
  const traceparent = parseTraceparent(c.req.header('traceparent'));
  const outcome = await create({ ...request, traceparent }, key, { role, credentialId, subject });
  if (outcome.type === 'accepted') return accepted(c, outcome.id, request);
  return refusal(c, outcome, request, pointers);
}

/** Names an action, and says that it is a dry run. */
const nameOf = ({ action, check }: Pick<TaskRequest, 'action' | 'check'>): string =>
  check ? `${action} (dry run)` : action;

function accepted(c: Context, id: TaskId, request: Omit<TaskRequest, 'traceparent'>): Response {
  const { host, external } = request;
  const name = nameOf(request);
  c.header('location', `/tasks/${id}`);
  noteForAudit(c, { detail: `${name}, task ${id}` });
  const message =
    external === null ? `${name} is queued on ${host}.` : `${name} on ${host} is driven by its creator.`;
  return c.json({ task_id: id, status: external?.status ?? 'queued', message }, 202);
}

function refusal(
  c: Context,
  outcome: Exclude<CreationOutcome, { type: 'accepted' }>,
  { host, action }: Pick<TaskRequest, 'host' | 'action'>,
  pointers: RequestPointers,
): Response {
  const hostIssue = (detail: string) => [{ pointer: pointers.host, detail }];
  switch (outcome.type) {
    case 'unknown_host':
      return noSuchTarget(c, host, pointers.host);
    case 'no_runner':
      return problem(
        c,
        409,
        'No runner',
        `No runner serves ${host}. Start booner-runner on it.`,
        hostIssue('has no runner'),
      );
    case 'unknown_action': {
      const detail = `is not an action of ${host}. It offers: ${nameList(outcome.offered)}`;
      const errors = pointers.action === null ? undefined : [{ pointer: pointers.action, detail }];
      return problem(c, 404, 'No such action', `${JSON.stringify(action)} ${detail}.`, errors);
    }
    case 'not_allowed': {
      const detail = `${action} of ${host} needs the role ${outcome.needed}`;
      noteForAudit(c, { detail });
      return problem(c, 403, 'Not allowed', `${detail}.`);
    }
    case 'no_check':
      return invalidRequest(c, 422, 'No dry run', [
        { pointer: '/check', detail: `is not possible: ${action} of ${host} offers no dry run` },
      ]);
    case 'needs_approval': {
      const detail = `Each run of ${action} on ${host} needs an approval. Start it as a rollout: POST /rollouts`;
      noteForAudit(c, { detail });
      return problem(c, 403, 'Needs approval', `${detail}.`);
    }
    case 'bad_params':
      return invalidRequest(
        c,
        422,
        'Invalid parameters',
        outcome.issues.map(({ pointer, detail }) => ({ pointer: `${pointers.params}${pointer}`, detail })),
      );
    case 'no_secret': {
      const errors =
        pointers.action === null ? undefined : [{ pointer: pointers.action, detail: outcome.detail }];
      return problem(c, 422, 'Secret not set', `${action} cannot be started: ${outcome.detail}.`, errors);
    }
    case 'bad_offer':
      return problem(c, 409, 'Unusable action', `${action} cannot be started on ${host}: ${outcome.detail}.`);
    case 'not_wanted':
      return problem(c, 409, 'Not wanted', 'The rollout of this task does not want it now.');
    case 'key_reused':
      return problem(
        c,
        409,
        'Idempotency key reused',
        `This key already created task ${outcome.id} for a different request. Use a new key.`,
        [{ pointer: '/Idempotency-Key', detail: 'was used for another request' }],
      );
    case 'queue_full':
      c.header('retry-after', QUEUE_RETRY_AFTER_SECONDS);
      return problem(
        c,
        429,
        'Queue full',
        `${outcome.queued} tasks are already queued for ${host}. Try again later, or cancel some.`,
        hostIssue('has a full queue'),
      );
    case 'too_many_external': {
      c.header('retry-after', QUEUE_RETRY_AFTER_SECONDS);
      const isOfHost = outcome.of === 'host';
      return problem(
        c,
        429,
        'Too many external tasks',
        `${outcome.open} external tasks ${isOfHost ? `of ${host}` : 'that you created'} have not ended. ` +
          'End some of them with PATCH /tasks/{id}, such as {"status":"failed"}.',
        isOfHost ? hostIssue('has too many open external tasks') : undefined,
      );
    }
    default:
      return outcome satisfies never;
  }
}

export function nameList(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${names.slice(0, MAX_NAMES).join(', ')}${more}`;
}
