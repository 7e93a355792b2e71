import type { SecretBus, TaskBus } from '@booner/bus';
import {
  batchSizes,
  failuresAllowed,
  type HostId,
  type OfferedAction,
  type PlannedHost,
  type RolloutHead,
  type RolloutPlan,
  type RolloutRequest,
  type RunnerPresence,
} from '@booner/protocol';
import { includesRole } from '@booner/protocol/roles';
import { findScopeIssue, type Principal } from '../../access/principal.ts';
import { mapInTurns } from '../../feature/in-turns.ts';
import { secretsOfAction } from '../../secrets/secrets-of-action.ts';
import { definitionOf } from '../definition.ts';
import { findParameterIssue } from './find-parameter-issue.ts';
import { medianSecondsOf } from './median-seconds.ts';

export type PlanDeps = {
  readonly tasks: Pick<TaskBus, 'readRunner' | 'list'>;
  readonly secrets: Pick<SecretBus, 'read'>;
};

/** A host of a plan with the hash of its action. */
type PlannedEntry = PlannedHost & { readonly definition: string | null };

export type Planned = {
  readonly plan: RolloutPlan;
  readonly hosts: readonly PlannedEntry[];
  /** Highest role that the action demands the approval of, on any host. */
  readonly approver: RolloutHead['approver'];
};

/**
 * Finds out what a rollout would do on some hosts, without an effect. Rejects with `BusError`.
 * @param hosts in the order of the rollout
 */
export async function planRollout(
  { tasks, secrets }: PlanDeps,
  request: RolloutRequest,
  hosts: readonly HostId[],
  { principal, isTriggered = false }: { readonly principal: Principal; readonly isTriggered?: boolean },
): Promise<Planned> {
  const sizes = batchSizes(request.batches, hosts.length);
  const batchOf = sizes.flatMap((size, batch) => Array.from({ length: size }, () => batch));
  const offers = await mapInTurns(hosts, (host) => readOffer(tasks, host, request.action));
  const usual = mostFrequent(offers.map((offer) => (offer.type === 'offered' ? offer.definition : null)));
  const issues = new Map<string, string | null>();
  const entries = await mapInTurns(hosts, async (host, index): Promise<PlannedEntry> => {
    const offer = offers[index] as Offer;
    const definition = offer.type === 'offered' ? offer.definition : null;
    const found = await stateOf({ offer, host, request, principal, isTriggered, usual, issues, secrets });
    return { host, batch: batchOf[index] as number, definition, ...found };
  });
  const seconds = await medianSecondsOf(tasks, request.action);
  const plan: RolloutPlan = {
    hosts: entries.map(({ definition: _, ...entry }) => entry),
    batches: [...sizes],
    maxFailures: failuresAllowed(request.maxFailures, hosts.length),
    taskSeconds: seconds,
    // Hosts of a batch run at the same time.
    totalSeconds:
      seconds === null
        ? null
        : sizes.length * seconds + Math.max(0, sizes.length - 1) * request.between.waitSeconds,
  };
  const approvals = offers.flatMap(approvalOf);
  const approver = approvals.includes('admin') ? 'admin' : (approvals[0] ?? null);
  return { plan, hosts: entries, approver };
}

const approvalOf = (offer: Offer) =>
  offer.type === 'offered' && offer.action.approval !== undefined ? [offer.action.approval] : [];

type Offer =
  | { readonly type: 'offline' }
  | { readonly type: 'not_offered' }
  | {
      readonly type: 'offered';
      readonly action: OfferedAction;
      readonly definition: string;
      readonly presence: Pick<RunnerPresence, 'publicKey'>;
    };

async function readOffer(tasks: PlanDeps['tasks'], host: HostId, name: string): Promise<Offer> {
  const runner = await tasks.readRunner(host);
  if (runner === null) return { type: 'offline' };
  const { presence } = runner;
  const action = presence.actions.find((each) => each.name === name);
  return action === undefined
    ? { type: 'not_offered' }
    : { type: 'offered', action, definition: definitionOf(action), presence };
}

type Judged = {
  readonly offer: Offer;
  readonly host: HostId;
  readonly request: RolloutRequest;
  readonly principal: Principal;
  /** A schedule or a hook starts it, rather than a person. */
  readonly isTriggered: boolean;
  /** The definition that most hosts have. */
  readonly usual: string | null;
  /** Issues of the parameters by definition. */
  readonly issues: Map<string, string | null>;
  readonly secrets: PlanDeps['secrets'];
};

async function stateOf(judged: Judged): Promise<Pick<PlannedHost, 'state' | 'detail'>> {
  const { offer, host, request, principal, isTriggered, usual, issues, secrets } = judged;
  const { action: name, params } = request;
  const scope = findScopeIssue(principal, host, name);
  if (scope !== null) return { state: 'not_allowed', detail: scope.detail };
  if (offer.type === 'offline') return { state: 'offline', detail: 'has no runner now' };
  if (offer.type === 'not_offered') return { state: 'not_offered', detail: `does not offer ${name}` };
  const { action, definition, presence } = offer;
  if (isTriggered && action.schedulable !== true) {
    return { state: 'not_schedulable', detail: `does not let schedules and hooks start ${name}` };
  }
  const { role = 'operator' } = action;
  if (!includesRole(principal.role, role)) {
    return { state: 'not_allowed', detail: `${name} needs the role ${role}` };
  }
  const known = issues.get(definition);
  const issue = known === undefined ? await findParameterIssue(action, params) : known;
  issues.set(definition, issue);
  if (issue !== null) return { state: 'bad_params', detail: issue };
  const ofAction = await secretsOfAction(secrets, host, action, presence);
  if (!ofAction.ok) return { state: 'no_secret', detail: ofAction.detail };
  if (definition !== usual) {
    return { state: 'differs', detail: `offers another version of ${name} than most hosts` };
  }
  return { state: 'ready', detail: null };
}

function mostFrequent(definitions: readonly (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const each of definitions) if (each !== null) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
