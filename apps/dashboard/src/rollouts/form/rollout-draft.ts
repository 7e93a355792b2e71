import type { NewRollout, Parameter } from '@booner/protocol';
import {
  findRequestIssues,
  type Issues,
  NEW_REQUEST,
  NOT_A_DURATION,
  paramsOfDraft,
  type RequestDraft,
  readSeconds,
  requestBody,
  requestFields,
} from '../../rollout-fields/request-draft.ts';
import type { FormValues } from '../../run/form-values.ts';

/** A rollout as its form has it: texts as they were typed. */
export type RolloutDraft = RequestDraft & {
  readonly order: 'hash' | 'host' | 'label';
  /** Key of the label that hosts are ordered by. */
  readonly orderLabel: string;
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
  ...NEW_REQUEST,
  order: 'hash',
  orderLabel: '',
  batches: '1, 10%, 50%',
  wait: '0s',
  healthy: true,
  check: '',
  checkParams: {},
  offline: 'skip',
  offlineWait: '1h',
  approval: '',
};

/** Parameters of the actions as targets offer them; `null` while they are not known. */
export type DraftParameters = {
  readonly params: readonly Parameter[] | null;
  readonly checkParams: readonly Parameter[] | null;
};

/** Returns the parameters of the check. */
export const checkParamsOf = ({ checkParams }: RolloutDraft) => ({ given: {}, params: checkParams });

/**
 * Returns the body of `POST /rollouts`. A text that cannot be read is sent as it is: the hub says
 * what is wrong with it.
 */
export function bodyOf(draft: RolloutDraft, { params, checkParams }: DraftParameters): NewRollout {
  const { selector, order, orderLabel, healthy, check, offline, approval } = draft;
  const checks = { action: check, params: paramsOfDraft(checkParamsOf(draft), checkParams) };
  return {
    ...requestBody(draft, params),
    selector: selector.trim(),
    order: order === 'label' ? `label:${orderLabel.trim()}` : order,
    between: {
      waitSeconds: readSeconds(draft.wait) as number,
      healthy,
      ...(check !== '' && { check: checks }),
    },
    offline,
    ...(offline === 'wait' && { offlineWaitSeconds: readSeconds(draft.offlineWait) as number }),
    ...(approval !== '' && { approval }),
  };
}

/** Returns what can be said about a draft without the hub, by field. */
export function findDraftIssues(draft: RolloutDraft): Issues {
  const { wait, offline, offlineWait } = draft;
  const isNoDuration = (text: string) => typeof readSeconds(text) === 'string';
  return {
    ...findRequestIssues(draft),
    ...(isNoDuration(wait) && { 'between/waitSeconds': NOT_A_DURATION }),
    ...(offline === 'wait' && isNoDuration(offlineWait) && { offlineWaitSeconds: NOT_A_DURATION }),
  };
}

/** Fields of the form by their JSON pointers, the longest of those that begin alike first. */
export const rolloutFields = ({ params, checkParams }: DraftParameters): readonly string[] => [
  ...requestFields(params),
  'order',
  'between/waitSeconds',
  ...(checkParams ?? []).map(({ name }) => `between/check/params/${name}`),
  'between/check',
  'offlineWaitSeconds',
  'offline',
  'approval',
];
