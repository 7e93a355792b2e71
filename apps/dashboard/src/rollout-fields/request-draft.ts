import type { JsonObject, Parameter, ParameterValue } from '@booner/protocol';
import { parseDuration } from '@booner/protocol/duration';
import { type FormValues, initialValues, isSecret, paramsOf } from '../run/form-values.ts';

/** Values of an action's parameters. */
export type ParamsDraft = {
  /** Values that the form began with; none once the action has changed. */
  readonly given: JsonObject;
  /** Values that were entered. */
  readonly params: FormValues;
};

export type BatchDraft = {
  /** Sizes, such as `1, 10%, 50%`. */
  readonly batches: string;
  readonly maxFailures: string;
};

/** The action of a rollout and its settings, as texts that were typed into a form. */
export type RequestDraft = ParamsDraft &
  BatchDraft & {
    readonly action: string;
    readonly selector: string;
  };

export const NEW_REQUEST: RequestDraft = {
  action: '',
  given: {},
  params: {},
  selector: '',
  batches: '100%',
  maxFailures: '0',
};

/** Issues of fields, by their JSON pointers without the first slash. */
export type Issues = Readonly<Record<string, string>>;

/** Returns the parameters that a rollout can set. It stores them readably: it takes no secrets. */
export const readableParameters = (parameters: readonly Parameter[]): readonly Parameter[] =>
  parameters.filter((parameter) => !isSecret(parameter));

/** Returns the values of all fields: what was entered, what the form began with, and defaults. */
export const paramValues = (
  { given, params }: ParamsDraft,
  parameters: readonly Parameter[],
): FormValues => ({
  ...initialValues(parameters, given),
  ...params,
});

/**
 * Returns the values to send.
 * @param parameters those of the action that can be set; `null` while they are not known
 */
export const paramsOfDraft = (draft: ParamsDraft, parameters: readonly Parameter[] | null) =>
  parameters === null
    ? (draft.given as Record<string, ParameterValue>)
    : paramsOf(parameters, paramValues(draft, parameters));

/**
 * Returns the part of a request's body that says what runs, without its targets. A text that cannot
 * be read is sent as it is: the hub says what is wrong with it.
 */
export const requestBody = (draft: RequestDraft, parameters: readonly Parameter[] | null) => ({
  action: draft.action,
  params: paramsOfDraft(draft, parameters),
  batches: readBatches(draft.batches),
  maxFailures: readAmount(draft.maxFailures),
});

/** Returns what can be said about a draft without the hub. */
export const findRequestIssues = ({ action }: RequestDraft): Issues =>
  action === '' ? { action: 'Choose an action.' } : {};

/** Fields by their JSON pointers, the longest of those that begin alike first. */
export const requestFields = (parameters: readonly Parameter[] | null): readonly string[] => [
  ...(parameters ?? []).map(({ name }) => `params/${name}`),
  'params',
  'action',
  'selector',
  'batches',
  'maxFailures',
];

/** Reads sizes of batches, such as `1, 10%`. */
const readBatches = (text: string): (number | string)[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(readAmount);

/** Reads a number of hosts, or leaves a text such as `10%` as it is. */
const readAmount = (text: string): number | string => {
  const trimmed = text.trim();
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
};

/** Reads a duration in seconds. A text that is none stays. */
export function readSeconds(text: string): number | string {
  const trimmed = text.trim();
  const ms = trimmed === '' ? 0 : parseDuration(trimmed);
  return ms === null ? trimmed : ms / 1000;
}

export const NOT_A_DURATION = 'must be a duration, such as 30s, 5m or 1h30m';
