import type { NewRollout, Parameter } from '@booner/protocol';
import { NOT_A_DURATION, readAmount, readBatches, readSeconds } from '../../rollout-fields/request-draft.ts';
import { type FormValues, initialValues, paramsOf } from '../../run/form-values.ts';

/** A rollout as its form has it: texts as they were typed. */
export type RolloutDraft = {
  readonly action: string;
  /** Values that were entered. The others have their defaults. */
  readonly params: FormValues;
  readonly selector: string;
  readonly order: 'hash' | 'host' | 'label';
  /** Key of the label that hosts are ordered by. */
  readonly orderLabel: string;
  /** Sizes, such as `1, 10%, 50%`. */
  readonly batches: string;
  readonly maxFailures: string;
  readonly wait: string;
  readonly healthy: boolean;
  /** Action that checks each host; empty: none. */
  readonly check: string;
  readonly checkParams: FormValues;
  readonly offline: 'skip' | 'fail' | 'wait';
  readonly offlineWait: string;
  readonly approval: '' | 'before' | 'between';
};

export const NEW_ROLLOUT: RolloutDraft = {
  action: '',
  params: {},
  selector: '',
  order: 'hash',
  orderLabel: '',
  batches: '1, 10%, 50%',
  maxFailures: '0',
  wait: '0s',
  healthy: true,
  check: '',
  checkParams: {},
  offline: 'skip',
  offlineWait: '1h',
  approval: '',
};

/** Parameters of the actions as targets offer them; none while they are not known. */
export type DraftParameters = {
  readonly params: readonly Parameter[];
  readonly checkParams: readonly Parameter[];
};

/** Returns the values of all fields: what was entered, and defaults. */
export const valuesOf = (parameters: readonly Parameter[], entered: FormValues): FormValues => ({
  ...initialValues(parameters, null),
  ...entered,
});

/**
 * Returns the body of `POST /rollouts`. A text that cannot be read is sent as it is: the hub says
 * what is wrong with it.
 */
export function bodyOf(draft: RolloutDraft, parameters: DraftParameters): NewRollout {
  const { action, selector, order, orderLabel, healthy, check, offline, approval } = draft;
  const paramsFor = (key: 'params' | 'checkParams') =>
    paramsOf(parameters[key], valuesOf(parameters[key], draft[key]));
  return {
    action,
    params: paramsFor('params'),
    selector: selector.trim(),
    order: order === 'label' ? `label:${orderLabel.trim()}` : order,
    batches: readBatches(draft.batches),
    maxFailures: readAmount(draft.maxFailures),
    between: {
      waitSeconds: readSeconds(draft.wait) as number,
      healthy,
      ...(check !== '' && { check: { action: check, params: paramsFor('checkParams') } }),
    },
    offline,
    ...(offline === 'wait' && { offlineWaitSeconds: readSeconds(draft.offlineWait) as number }),
    ...(approval !== '' && { approval }),
  };
}

/** Returns what can be said about a draft without the hub, by field. */
export function findDraftIssues(draft: RolloutDraft): Readonly<Record<string, string>> {
  const issues: Record<string, string> = {};
  if (draft.action === '') issues.action = 'Choose an action.';
  if (typeof readSeconds(draft.wait) === 'string') issues['between/waitSeconds'] = NOT_A_DURATION;
  if (draft.offline === 'wait' && typeof readSeconds(draft.offlineWait) === 'string') {
    issues.offlineWaitSeconds = NOT_A_DURATION;
  }
  return issues;
}

/** Fields of the form by their JSON pointers, the longest of those that begin alike first. */
export const rolloutFields = ({ params, checkParams }: DraftParameters): readonly string[] => [
  ...params.map(({ name }) => `params/${name}`),
  'params',
  'action',
  'selector',
  'order',
  'batches',
  'maxFailures',
  'between/waitSeconds',
  ...checkParams.map(({ name }) => `between/check/params/${name}`),
  'between/check',
  'offlineWaitSeconds',
  'offline',
  'approval',
];
