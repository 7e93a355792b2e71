import type { OfferedAction, Parameter } from '@booner/protocol';
import { Fragment, type ReactNode } from 'react';
import { formatCount } from '../format/numbers.ts';
import { type FieldValue, type FormValues, isSecret } from '../run/form-values.ts';
import { ParameterField } from '../run/parameter-field.tsx';
import { Field } from '../ui/field.tsx';
import { fieldClass } from '../ui/field-classes.ts';
import type { OfferedActions } from './use-offered-action.ts';

export type ActionSelectProps = {
  readonly label: string;
  /** Text of the choice of none. */
  readonly none: string;
  readonly offered: OfferedActions;
  readonly value: string;
  readonly onChange: (action: string) => void;
  readonly hint?: string | undefined;
  readonly issue: string | undefined;
};

/** Selects an action that targets offer. One that none offers any more stays a choice. */
export function ActionSelect({ label, none, offered, value, onChange, hint, issue }: ActionSelectProps) {
  const names = [...(offered.names ?? [])];
  const isUnknown = value !== '' && offered.names?.has(value) !== true;
  return (
    <Field label={label} hint={hint} issue={issue}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          className={fieldClass}
        >
          <option value="">{none}</option>
          {isUnknown && <option value={value}>{value}</option>}
          {names.map(([name, count]) => (
            <option key={name} value={name}>
              {name} ({formatCount(count)} {count === 1 ? 'target' : 'targets'})
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export type ActionParametersProps = {
  readonly action: OfferedAction;
  readonly values: FormValues;
  readonly issues: Readonly<Record<string, string>>;
  readonly onChange: (name: string, value: FieldValue) => void;
  /** Frames the field of a parameter, or replaces it. */
  readonly renderParameter?: ((parameter: Parameter, field: ReactNode) => ReactNode) | undefined;
};

const FIELD_ALONE = (_: Parameter, field: ReactNode): ReactNode => field;

/** The parameters of an action. Secret ones are left out: rollouts store theirs readably. */
export function ActionParameters({
  action,
  values,
  issues,
  onChange,
  renderParameter = FIELD_ALONE,
}: ActionParametersProps) {
  const secrets = action.parameters.filter(isSecret);
  const fields = action.parameters.filter((parameter) => !isSecret(parameter));
  return (
    <>
      {action.description !== '' && <p className="-mt-2 text-sm text-muted">{action.description}</p>}
      {fields.map((parameter) => (
        <Fragment key={parameter.name}>
          {renderParameter(
            parameter,
            <ParameterField
              parameter={parameter}
              value={values[parameter.name] ?? null}
              issue={issues[parameter.name]}
              onChange={(value) => onChange(parameter.name, value)}
              onBlur={() => undefined}
            />,
          )}
        </Fragment>
      ))}
      {secrets.length > 0 && (
        <p className="text-sm text-muted">
          Rollouts store their parameters readably, so they take no secrets:{' '}
          {secrets.map(({ name }) => name).join(', ')} cannot be set here.
        </p>
      )}
    </>
  );
}
