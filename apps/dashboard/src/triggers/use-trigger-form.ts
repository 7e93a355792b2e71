import type { Parameter } from '@booner/protocol';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { outageDenial, useOutage } from '../live/use-outage.ts';
import type { Issues } from '../rollout-fields/request-draft.ts';
import type { ChosenAction } from '../rollout-fields/use-chosen-action.ts';
import { type RequestInForm, useRequest } from '../rollout-fields/use-request.ts';
import { issuesOfAnswer, marksText } from '../ui/form-issues.ts';
import { useRequiredName } from '../ui/use-required-name.ts';
import type { TriggerDraft } from './trigger-draft.ts';
import type { TriggerKind } from './trigger-kind.ts';

export type TriggerFormOptions<Draft> = {
  readonly kind: TriggerKind;
  readonly first: () => Draft;
  /** Names that are not free; `null`: the trigger keeps its own. */
  readonly known: readonly { readonly name: string }[] | null;
  /** Returns the parameters that get their values elsewhere, by name. */
  readonly takenOf?: (draft: Draft) => Readonly<Record<string, unknown>>;
  /** Returns the fields by their JSON pointers, the longest of those that begin alike first. */
  readonly fieldsOf: (parameters: readonly Parameter[] | null, draft: Draft) => readonly string[];
  readonly findIssues: (draft: Draft) => Issues;
  /** Its outcome is not kept: it may have a secret. */
  readonly save: (draft: Draft, chosen: ChosenAction) => Promise<void>;
};

export type TriggerForm<Draft> = {
  readonly draft: Draft;
  readonly change: (next: Partial<Draft>) => void;
  readonly request: RequestInForm;
  readonly issues: Issues;
  /** Problem with the form as a whole. */
  readonly alert: string | null;
  readonly isBusy: boolean;
  /** Reason why nothing can be saved now. */
  readonly denial: string | undefined;
  readonly submit: () => void;
  /** Returns the properties of the name's `TextField`. */
  readonly nameField: ReturnType<typeof useRequiredName>['nameField'];
};

/** State of the form of a schedule or a hook. Issues that the hub finds stand at their fields. */
export function useTriggerForm<Draft extends TriggerDraft>({
  kind,
  first,
  known,
  takenOf,
  fieldsOf,
  findIssues,
  save,
}: TriggerFormOptions<Draft>): TriggerForm<Draft> {
  const [draft, setDraft] = useState(first);
  const [own, setOwn] = useState<Issues>({});
  const outage = useOutage();
  const denial = outage === null ? undefined : outageDenial(outage);
  const request = useRequest(draft, {
    host: draft.where === 'host' ? draft.host : undefined,
    taken: takenOf?.(draft),
  });
  const { parameters } = request.chosen;
  const saving = useMutation({ mutationFn: () => save(draft, request.chosen) });
  const answered = issuesOfAnswer(saving.error, fieldsOf(parameters, draft));
  const issues = { ...answered.fields, ...own };
  const change = (next: Partial<Draft>) => {
    setDraft((last) => ({ ...last, ...next }));
    setOwn({});
    if (saving.isError) saving.reset();
  };
  const { whenNamed, nameField } = useRequiredName(draft.name, (name) => change({ name } as Partial<Draft>));
  const saveIfFine = () => {
    const found = {
      ...findIssues(draft),
      ...(known?.some(({ name }) => name === draft.name.trim()) && {
        name: `A ${kind} has this name. Choose another one.`,
      }),
      ...request.findIssues(),
    };
    setOwn(found);
    if (Object.keys(found).length === 0) saving.mutate();
  };
  return {
    draft,
    change,
    request,
    issues,
    alert: answered.form[0] ?? marksText(Object.keys(issues).length),
    isBusy: saving.isPending,
    denial,
    submit: () => {
      if (!saving.isPending && denial === undefined) whenNamed(saveIfFine);
    },
    nameField,
  };
}
