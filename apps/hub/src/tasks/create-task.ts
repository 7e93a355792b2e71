import type { CreateOutcome, NewTask, Runner, SecretBus, TaskBus } from '@booner/bus';
import { newTaskIdOf } from '@booner/bus/host-tasks';
import { type HostId, includesRole, type Role, type TaskId } from '@booner/protocol';
import type { ParameterIssue } from '@booner/protocol/action-parameters';
import { secretsOfAction } from '../secrets/secrets-of-action.ts';
import { checkParams } from './check-params.ts';
import { sealSecrets } from './seal-secrets.ts';
import { hashOfRequest, isTaskOf, REDACTED, type TaskRequest } from './task-request.ts';

export type CreationDeps = {
  readonly bus: Pick<TaskBus, 'create' | 'change' | 'read' | 'findByKey' | 'readRunner'>;
  readonly secrets: Pick<SecretBus, 'read'>;
  /** Returns true if a host is registered as a target. */
  readonly isTarget: (host: HostId) => boolean;
  readonly limits: TaskLimits;
};

/** Limits on open tasks. */
type TaskLimits = {
  /** Tasks that wait for one target. */
  readonly maxQueued: number;
  /** External tasks of one host. */
  readonly maxExternalOfHost: number;
  /** External tasks that one credential created. */
  readonly maxExternalOfCredential: number;
};

type Refusal =
  | { readonly type: 'unknown_host' }
  | { readonly type: 'no_runner' }
  | { readonly type: 'unknown_action'; readonly offered: readonly string[] }
  /** The action requires a higher role than the caller's. */
  | { readonly type: 'not_allowed'; readonly needed: Role }
  /** A dry run was requested of an action that offers none. */
  | { readonly type: 'no_check' }
  /** Each run of the action has to be approved, which rollouts alone can be. */
  | { readonly type: 'needs_approval' }
  | { readonly type: 'bad_params'; readonly issues: readonly ParameterIssue[] }
  /** A secret of the action is not set for the host, or its runner cannot open it. */
  | { readonly type: 'no_secret'; readonly detail: string }
  /** The runner offers what no hub can work with. */
  | { readonly type: 'bad_offer'; readonly detail: string };

export type CreationOutcome =
  /** Made now, or before with the same key. */
  | { readonly type: 'accepted'; readonly id: TaskId }
  | { readonly type: 'key_reused'; readonly id: TaskId }
  | { readonly type: 'queue_full'; readonly queued: number }
  /** Its rollout does not want it now. */
  | { readonly type: 'not_wanted' }
  | { readonly type: 'too_many_external'; readonly of: 'host' | 'owner'; readonly open: number }
  | Refusal;

/** The creator of a task. */
type Caller = {
  readonly role: Role;
  /** `null` where sign-in is not required. */
  readonly credentialId: string | null;
  /** Its identity in the audit log; `null` where sign-in is not required. */
  readonly subject: string | null;
};

export type CreateTask = (
  request: TaskRequest,
  idempotencyKey: string | null,
  caller: Caller,
) => Promise<CreationOutcome>;

/** Owner of the external tasks of a hub that does not require sign-in. */
const ANYBODY = 'anybody';

type Prepared = Pick<NewTask, 'params' | 'offer'>;

/**
 * Returns the only function that creates tasks. It stores parameters as they were given: defaults
 * belong to the target and are applied there. The function rejects with `BusError`.
 */
export function taskCreator({ bus, secrets, isTarget, limits }: CreationDeps): CreateTask {
  const { maxQueued, maxExternalOfHost: maxOfHost, maxExternalOfCredential: maxOfOwner } = limits;

  async function prepare(request: TaskRequest, id: TaskId, role: Role): Promise<Prepared | Refusal> {
    if (request.external !== null) return { params: request.params, offer: null };
    const runner = await bus.readRunner(request.host);
    if (runner === null) return { type: isTarget(request.host) ? 'no_runner' : 'unknown_host' };
    return prepareOffer({ request, runner, id, role, secrets });
  }

  /**
   * Returns the outcome of an earlier request with the key, even if a new task could not be
   * created.
   */
  async function recall(request: TaskRequest, key: string): Promise<CreationOutcome | null> {
    const id = await bus.findByKey(key);
    return id === null ? null : settle(request, { type: 'key_reused', id });
  }

  /**
   * A key that has created a task returns that task, even if the runner is disconnected, or if the
   * hashes differ only because a parameter has become secret since.
   */
  async function settle(request: TaskRequest, outcome: CreateOutcome): Promise<CreationOutcome> {
    switch (outcome.type) {
      case 'created':
        return { type: 'accepted', id: outcome.task.id };
      case 'existing':
        return { type: 'accepted', id: outcome.id };
      case 'key_reused': {
        const task = await bus.read(outcome.id);
        if (task !== null && isTaskOf(request, task)) return { type: 'accepted', id: outcome.id };
        return outcome;
      }
      case 'queue_full':
      case 'not_wanted':
      case 'too_many_external':
        return outcome;
      default:
        return outcome satisfies never;
    }
  }

  return async (request, key, { role, credentialId, subject: createdBy }) => {
    const id = request.rollout?.taskId ?? newTaskIdOf(request.host);
    const prepared = await prepare(request, id, role);
    if ('type' in prepared) {
      if (key === null || isForbidden(prepared)) return prepared;
      return (await recall(request, key)) ?? prepared;
    }
    const { host, action, check, traceparent } = request;
    const idempotency = key === null ? null : { key, bodyHash: hashOfRequest(request, prepared.params) };
    const externalLimits = { owner: credentialId ?? ANYBODY, maxOfHost, maxOfOwner };
    const rollout = request.rollout?.id ?? null;
    const options = { idempotency, maxQueued, externalLimits, createdBy, check, rollout, traceparent };
    const task = { id, host, action, ...prepared, ...options };
    const outcome = await settle(request, await bus.create(task));
    if (outcome.type === 'accepted' && request.external?.status === 'running') {
      // A repeated request finishes what the first one did not complete.
      await bus.change(outcome.id, { status: 'running' });
    }
    return outcome;
  };
}

/** Who may not create the task may not learn of an earlier one either. */
const isForbidden = ({ type }: Refusal): boolean => type === 'not_allowed' || type === 'needs_approval';

type OfferInput = {
  readonly request: TaskRequest;
  readonly runner: Runner;
  readonly id: TaskId;
  readonly role: Role;
  readonly secrets: CreationDeps['secrets'];
};

async function prepareOffer({
  request,
  runner,
  id,
  role,
  secrets: bus,
}: OfferInput): Promise<Prepared | Refusal> {
  const { host, action: name, params, check: isDryRun, rollout } = request;
  const { presence } = runner;
  const action = presence.actions.find((each) => each.name === name);
  if (action === undefined)
    return { type: 'unknown_action', offered: presence.actions.map((each) => each.name) };
  const { role: needed = 'operator' } = action;
  if (!includesRole(role, needed)) return { type: 'not_allowed', needed };
  if (action.approval !== undefined && !isDryRun && rollout?.isApproved !== true)
    return { type: 'needs_approval' };
  // A runner that does not know dry runs offers none.
  if (isDryRun && action.checkable !== true) return { type: 'no_check' };
  const checked = await checkParams(action, params);
  if ('type' in checked) return checked;
  if (!checked.ok) return { type: 'bad_params', issues: checked.issues };

  const ofAction = await secretsOfAction(bus, host, action, presence);
  if (!ofAction.ok) return { type: 'no_secret', detail: ofAction.detail };
  const { sealed: sealedSecrets } = ofAction;

  const isSecret = (parameter: string) =>
    action.parameters.some((each) => each.name === parameter && each.type === 'string' && each.secret);
  const given = Object.entries(params);
  const secrets = given.filter(([parameter]) => isSecret(parameter));
  const plain = Object.fromEntries(given.filter(([parameter]) => !isSecret(parameter)));
  if (secrets.length === 0)
    return { params: plain, offer: { params: plain, sealedParams: null, sealedSecrets } };
  const sealedParams = await sealSecrets(
    Object.fromEntries(secrets) as Record<string, string>,
    presence.publicKey,
    { task: id, action: name },
  );
  if (sealedParams === null)
    return { type: 'bad_offer', detail: `the key of the runner of ${host} cannot be used` };
  const shown = Object.fromEntries(
    given.map(([parameter, value]) => [parameter, isSecret(parameter) ? REDACTED : value]),
  );
  return { params: shown, offer: { params: plain, sealedParams, sealedSecrets } };
}
