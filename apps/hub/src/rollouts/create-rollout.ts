import type { RolloutBus } from '@booner/bus';
import { type HostId, newId, parseRolloutId, type RolloutId, type RolloutRequest } from '@booner/protocol';
import type { JsonIssue } from '@booner/protocol/json-text';
import { MAX_ROLLOUT_HOSTS } from '@booner/protocol/limits';
import { lastingCredentialId, type Principal } from '../access/principal.ts';
import { derivedRolloutId } from './derived-id.ts';
import { newRollout } from './machine/new-rollout.ts';
import { type PlanDeps, planRollout } from './plan/plan-rollout.ts';

export type CreateRolloutDeps = PlanDeps & {
  readonly bus: Pick<RolloutBus, 'create' | 'read'>;
  /** Called once a rollout was stored. */
  readonly onCreated: () => void;
  readonly nowMs: () => number;
};

export type RolloutOrder = {
  readonly request: RolloutRequest;
  /** In the order of the rollout. */
  readonly hosts: readonly HostId[];
  readonly principal: Principal;
  /** The caller's key for this request; `null`: none. */
  readonly key: string | null;
  /** What starts it, if no person does, and the id that follows from that. */
  readonly trigger?: {
    readonly type: 'schedule' | 'hook';
    readonly name: string;
    readonly id: RolloutId;
  };
  readonly rollbackOf?: RolloutId;
  /** Trace context of the request. Absent: none. */
  readonly traceparent?: string | null;
};

export type RolloutOutcome =
  /** Made now (`isNew`), or before with the same key or id. */
  | { readonly type: 'accepted'; readonly id: RolloutId; readonly isNew: boolean }
  | { readonly type: 'key_reused'; readonly id: RolloutId }
  | { readonly type: 'full' }
  /** It needs an approval, on a hub that does not require sign-in. */
  | { readonly type: 'nobody_approves' }
  /** No host would run it. */
  | { readonly type: 'refused'; readonly status: 403 | 422; readonly issues: readonly JsonIssue[] };

/** Creates rollouts, once for each key of a caller. */
export function rolloutCreator({ bus, tasks, secrets, onCreated, nowMs }: CreateRolloutDeps) {
  return async ({
    request,
    hosts,
    principal,
    key,
    trigger,
    rollbackOf,
    traceparent = null,
  }: RolloutOrder): Promise<RolloutOutcome> => {
    const credentialId = lastingCredentialId(principal);
    const id = trigger?.id ?? (key === null ? newRolloutId() : derivedRolloutId('key', key, credentialId));
    if (hosts.length > MAX_ROLLOUT_HOSTS) {
      const detail = `selects ${hosts.length} targets: at most ${MAX_ROLLOUT_HOSTS} can be in one rollout`;
      return { type: 'refused', status: 422, issues: [{ pointer: '/selector', detail }] };
    }
    const { hosts: planned, approver } = await planRollout({ tasks, secrets }, request, hosts, {
      principal,
      isTriggered: trigger !== undefined,
    });
    const refusal = refusalOf(planned, request);
    if (refusal !== null) return refusal;
    const needsApproval = approver !== null || request.approval !== undefined;
    if (needsApproval && principal.subject === null) return { type: 'nobody_approves' };
    const rollout = newRollout({
      ...{ id, request, hosts: planned, approver, credentialId, rollbackOf: rollbackOf ?? null },
      ...(trigger !== undefined && { [trigger.type]: trigger.name }),
      ...{ createdBy: principal.subject, nowMs: nowMs(), traceparent },
    });
    const outcome = await bus.create(rollout);
    if (outcome === 'full') return { type: 'full' };
    if (outcome === 'existing') {
      const existing = await bus.read(id);
      const isSame = JSON.stringify(existing?.request) === JSON.stringify(request);
      return isSame ? { type: 'accepted', id, isNew: false } : { type: 'key_reused', id };
    }
    onCreated();
    return { type: 'accepted', id, isNew: true };
  };
}

export type CreateRollout = ReturnType<typeof rolloutCreator>;

const newRolloutId = (): RolloutId => parseRolloutId(newId()) as RolloutId;

/**
 * A rollout is refused as a whole if it could not do what it is asked on any host that is there.
 */
function refusalOf(
  hosts: Awaited<ReturnType<typeof planRollout>>['hosts'],
  { action, selector }: RolloutRequest,
): RolloutOutcome | null {
  const refused = (status: 403 | 422, pointer: string, detail: string): RolloutOutcome => ({
    ...{ type: 'refused', status, issues: [{ pointer, detail }] },
  });
  if (hosts.length === 0) {
    const detail = `selects no target: ${JSON.stringify(selector)} matches none that you may read`;
    return refused(422, '/selector', detail);
  }
  const of = (state: (typeof hosts)[number]['state']) => hosts.filter((host) => host.state === state);
  const [notAllowed] = of('not_allowed');
  if (notAllowed !== undefined) return refused(403, '/selector', `${notAllowed.detail}`);
  const [bad] = of('bad_params');
  if (bad !== undefined) return refused(422, '/params', `${bad.detail} (on ${bad.host})`);
  if (
    of('not_schedulable').length + of('not_offered').length === hosts.length &&
    of('not_schedulable').length > 0
  ) {
    const remedy = 'its file must say schedulable: true';
    return refused(422, '/action', `no target lets schedules and hooks start ${action}: ${remedy}`);
  }
  const [unset] = of('no_secret');
  if (unset !== undefined && of('no_secret').length === hosts.length) {
    return refused(422, '/action', `${unset.detail}`);
  }
  if (of('not_offered').length === hosts.length) {
    return refused(422, '/action', `no target offers ${action}: write its file on them first`);
  }
  return null;
}
