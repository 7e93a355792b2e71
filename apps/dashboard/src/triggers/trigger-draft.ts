import type { Hook, Parameter, Schedule } from '@booner/protocol';
import {
  findRequestIssues,
  type Issues,
  NEW_REQUEST,
  type RequestDraft,
  requestBody,
  requestFields,
} from '../rollout-fields/request-draft.ts';

/** The part of a schedule's or a hook's form that says what it starts. */
export type TriggerDraft = RequestDraft & {
  readonly name: string;
  readonly where: 'selector' | 'host';
  readonly host: string;
};

export const NEW_TRIGGER: TriggerDraft = { ...NEW_REQUEST, name: '', where: 'selector', host: '' };

/** Returns what a schedule or a hook starts as its form begins with it. */
export const triggerDraft = (name: string, trigger: Schedule | Hook): TriggerDraft => ({
  ...NEW_TRIGGER,
  name,
  action: trigger.action,
  given: trigger.params,
  where: trigger.host === undefined ? 'selector' : 'host',
  selector: trigger.selector ?? '',
  host: trigger.host ?? '',
  batches: trigger.batches.join(', '),
  maxFailures: String(trigger.maxFailures),
});

/**
 * Returns the part of a body that says what starts, and where.
 * @param parameters those of the action that the form sets; `null` while they are not known
 */
export const triggerBody = (draft: TriggerDraft, parameters: readonly Parameter[] | null) => ({
  ...requestBody(draft, parameters),
  ...(draft.where === 'host' ? { host: draft.host.trim() } : { selector: draft.selector.trim() }),
});

/** Returns what can be said about a draft without the hub. */
export const findTriggerIssues = (draft: TriggerDraft): Issues => ({
  ...findRequestIssues(draft),
  ...(draft.where === 'host' && draft.host.trim() === '' && { host: 'Enter a host.' }),
});

/** Fields by their JSON pointers, the longest of those that begin alike first. */
export const triggerFields = (parameters: readonly Parameter[] | null): readonly string[] => [
  ...requestFields(parameters),
  'name',
  'host',
];
