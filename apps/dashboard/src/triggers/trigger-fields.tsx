import type { OfferedAction } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { ActionParametersProps } from '../rollout-fields/action-fields.tsx';
import { RequestFields } from '../rollout-fields/request-fields.tsx';
import { runnersQuery } from '../run/actions-query.ts';
import { ChoiceField } from '../ui/choice-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { TriggerDraft } from './trigger-draft.ts';
import type { TriggerKind } from './trigger-kind.ts';
import type { TriggerForm } from './use-trigger-form.ts';

const WHERE = { selector: 'the targets of a selector', host: 'one host' };

export type TriggerFieldsProps = Pick<TriggerForm<TriggerDraft>, 'draft' | 'request' | 'issues'> & {
  readonly kind: TriggerKind;
  readonly change: (next: Partial<TriggerDraft>) => void;
  readonly renderParameter?: ActionParametersProps['renderParameter'];
};

/** Fields for the targets and the action of a schedule or a hook. */
export function TriggerFields({ kind, draft, issues, change, ...rest }: TriggerFieldsProps) {
  const { where, host } = draft;
  const hintOf = ({ schedulable }: OfferedAction) =>
    schedulable === true
      ? undefined
      : `${PLURALS[kind]} cannot start it: its file on the target does not say “schedulable: true”.`;
  return (
    <>
      <ChoiceField
        label="Runs on"
        value={where}
        choices={WHERE}
        onChange={(next) => change({ where: next as TriggerDraft['where'] })}
      />
      <RequestFields
        {...{ draft, issues, change, hintOf, ...rest }}
        targets={
          where === 'host' && (
            <HostField
              value={host}
              onChange={(next) => change({ host: next })}
              issue={issues.host ?? issues.selector}
            />
          )
        }
      />
    </>
  );
}

const PLURALS: Readonly<Record<TriggerKind, string>> = { schedule: 'Schedules', hook: 'Hooks' };

type HostFieldProps = {
  readonly value: string;
  readonly onChange: (host: string) => void;
  readonly issue: string | undefined;
};

function HostField({ value, onChange, issue }: HostFieldProps) {
  const { data: runners } = useQuery(runnersQuery(useBoonerClient()));
  const id = useId();
  return (
    <>
      <TextField
        label="Host"
        value={value}
        onChange={onChange}
        list={id}
        placeholder="10.0.0.2"
        issue={issue}
      />
      <datalist id={id}>
        {runners?.map(({ host }) => (
          <option key={host}>{host}</option>
        ))}
      </datalist>
    </>
  );
}
