import type { OfferedAction } from '@booner/protocol';
import type { ReactNode } from 'react';
import { unprefixed } from '../ui/form-issues.ts';
import { ActionParameters, type ActionParametersProps, ActionSelect } from './action-fields.tsx';
import { type Issues, paramValues, type RequestDraft } from './request-draft.ts';
import { SelectorField } from './selector-field.tsx';
import type { RequestInForm } from './use-request.ts';

export type RequestFieldsProps = {
  readonly draft: RequestDraft;
  readonly request: RequestInForm;
  readonly issues: Issues;
  readonly change: (next: Partial<RequestDraft>) => void;
  /** Stands in place of the selector, if there is any. */
  readonly targets?: ReactNode;
  /** Returns a remark on the action that is chosen. */
  readonly hintOf?: ((action: OfferedAction) => string | undefined) | undefined;
  readonly renderParameter?: ActionParametersProps['renderParameter'];
};

/** Targets, action and parameters. */
export function RequestFields({
  draft,
  request: { selected, offered, chosen },
  issues,
  change,
  targets,
  hintOf,
  renderParameter,
}: RequestFieldsProps) {
  const { action, parameters } = chosen;
  const hint = action === undefined ? noActionsHint(offered.names?.size) : hintOf?.(action);
  return (
    <>
      {targets || (
        <SelectorField
          value={draft.selector}
          onChange={(selector) => change({ selector })}
          selected={selected}
          issue={issues.selector}
        />
      )}
      <ActionSelect
        label="Action"
        none="Choose an action …"
        offered={offered}
        value={draft.action}
        onChange={(next) => change({ action: next, given: {}, params: {} })}
        hint={hint}
        issue={issues.action ?? issues.params}
      />
      {action !== undefined && (
        <ActionParameters
          action={action}
          values={paramValues(draft, parameters ?? [])}
          issues={unprefixed('params/', issues)}
          onChange={(name, value) => change({ params: { ...draft.params, [name]: value } })}
          renderParameter={renderParameter}
        />
      )}
    </>
  );
}

const noActionsHint = (count: number | undefined): string | undefined =>
  count === 0 ? 'None of these targets has a runner that offers actions now.' : undefined;
