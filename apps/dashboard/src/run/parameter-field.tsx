import type { Parameter } from '@booner/protocol';
import { Field } from '../ui/field.tsx';
import type { FieldValue } from './form-values.ts';
import { ParameterControl } from './parameter-control.tsx';
import { parameterHint } from './parameter-hint.ts';

export type ParameterFieldProps = {
  readonly parameter: Parameter;
  readonly value: FieldValue;
  readonly issue: string | undefined;
  readonly onChange: (value: FieldValue) => void;
  readonly onBlur: () => void;
};

/** One parameter of an action. */
export function ParameterField({ parameter, value, issue, onChange, onBlur }: ParameterFieldProps) {
  const { name, type, description, required } = parameter;
  return (
    <div data-parameter={name}>
      <Field
        label={name}
        labelClassName="font-mono text-sm font-semibold"
        hint={[description, parameterHint(parameter)].filter((text) => text !== '').join('; ')}
        issue={issue}
        isOptional={!required}
        isInline={type === 'boolean'}
      >
        {(control) => (
          <ParameterControl
            {...control}
            parameter={parameter}
            value={value}
            onChange={onChange}
            onBlur={onBlur}
          />
        )}
      </Field>
    </div>
  );
}
