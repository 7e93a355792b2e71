import type { Hook, NewHook, Parameter, ShownHook } from '@booner/protocol';
import { readScalar, scalarText } from '@booner/protocol/json-scalar';
import { type Issues, readableParameters } from '../../rollout-fields/request-draft.ts';
import type { ChosenAction } from '../../rollout-fields/use-chosen-action.ts';
import {
  findTriggerIssues,
  NEW_TRIGGER,
  type TriggerDraft,
  triggerBody,
  triggerDraft,
  triggerFields,
} from '../../triggers/trigger-draft.ts';

/** A value that a payload must have. */
export type Condition = {
  /** JSON pointer to its place. */
  readonly place: string;
  readonly value: string;
};

/** A hook as its form has it: texts as they were typed. */
export type HookDraft = TriggerDraft & {
  readonly auth: Hook['auth'];
  /** Parameters that are taken from the payload: name -> place. */
  readonly fields: Readonly<Record<string, string>>;
  readonly when: readonly Condition[];
  /** The hook of somebody else keeps its URL and secret. */
  readonly keepsKey: boolean;
};

export const NEW_HOOK: HookDraft = {
  ...NEW_TRIGGER,
  auth: 'signature',
  fields: {},
  when: [],
  keepsKey: false,
};

/** Returns a hook as its form begins with it. */
export const hookDraft = ({ name, hook }: Pick<ShownHook, 'name' | 'hook'>): HookDraft => ({
  ...NEW_HOOK,
  ...triggerDraft(name, hook),
  auth: hook.auth,
  fields: hook.fields,
  when: Object.entries(hook.when).map(([place, value]) => ({ place, value: scalarText(value) })),
});

/**
 * Returns the body of `PUT /hooks/:name`. A text that cannot be read is sent as it is: the hub says
 * what is wrong with it.
 * @param before the hook that is edited, whose other settings stay
 */
export function hookBody(
  draft: HookDraft,
  { action, parameters }: Pick<ChosenAction, 'action' | 'parameters'>,
  before: Hook | null,
): NewHook {
  const { selector: _, host: __, ...kept } = before ?? {};
  const names = action && new Set(readableParameters(action.parameters).map(({ name }) => name));
  const fields = Object.entries(draft.fields)
    // What the action no longer has cannot be set: its form does not show it.
    .filter(([name]) => names?.has(name) !== false)
    .map(([name, place]) => [name, place.trim()]);
  const when = filled(draft).map(({ place, value }) => [place.trim(), readScalar(value)]);
  return {
    ...kept,
    ...triggerBody(draft, parameters),
    auth: draft.auth,
    fields: Object.fromEntries(fields),
    when: Object.fromEntries(when),
  } as NewHook;
}

/** Conditions in which something was entered. */
const filled = ({ when }: HookDraft) =>
  when.filter(({ place, value }) => place.trim() !== '' || value !== '');

/** Returns what can be said about a draft without the hub, by field. */
export function findHookIssues(draft: HookDraft): Issues {
  const places = filled(draft).map(({ place }) => place.trim());
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  const missing = Object.entries(draft.fields).filter(([, place]) => place.trim() === '');
  return {
    ...findTriggerIssues(draft),
    ...Object.fromEntries(
      missing.map(([name]) => [`fields/${name}`, 'Enter its place in the payload, such as /after.']),
    ),
    ...(twice !== undefined && { when: `The place ${twice} is there twice.` }),
    ...(places.includes('') && { when: 'Enter the place of each value, such as /ref.' }),
  };
}

/** Fields of the form by their JSON pointers, the longest of those that begin alike first. */
export const hookFields = (
  parameters: readonly Parameter[] | null,
  { fields }: HookDraft,
): readonly string[] => [
  ...triggerFields(parameters),
  ...Object.keys(fields).map((name) => `fields/${name}`),
  'auth',
  'when',
];
