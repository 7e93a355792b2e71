import { NumberField } from '@base-ui/react/number-field';
import type { Parameter } from '@booner/protocol';
import { Minus, Plus } from 'lucide-react';
import type { ControlAttributes } from '../ui/field.tsx';
import { fieldClass } from '../ui/field-classes.ts';
import type { FieldValue } from './form-values.ts';

export type ParameterControlProps = ControlAttributes & {
  readonly parameter: Parameter;
  readonly value: FieldValue;
  readonly onChange: (value: FieldValue) => void;
  readonly onBlur: () => void;
};

/** The control for the type of a parameter. */
export function ParameterControl({ parameter, value, onChange, ...rest }: ParameterControlProps) {
  const { required } = parameter;
  switch (parameter.type) {
    case 'boolean':
      return (
        <input
          {...rest}
          type="checkbox"
          checked={value === true}
          onChange={({ target }) => onChange(target.checked)}
          className="size-5 accent-accent"
        />
      );
    case 'choice':
      return (
        <select
          {...rest}
          aria-required={required}
          value={String(value ?? '')}
          onChange={({ target }) => onChange(target.value)}
          className={fieldClass}
        >
          {parameter.default === undefined && <option value="">{required ? 'Choose …' : 'Not set'}</option>}
          {parameter.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      );
    case 'integer':
      return (
        <WholeNumber
          {...rest}
          isRequired={required}
          min={parameter.min}
          max={parameter.max}
          placeholder={parameter.default === undefined ? undefined : `default: ${parameter.default}`}
          value={typeof value === 'number' ? value : null}
          onChange={onChange}
        />
      );
    case 'string':
      return (
        <input
          {...rest}
          type={parameter.secret ? 'password' : 'text'}
          aria-required={required}
          autoComplete={parameter.secret ? 'new-password' : 'off'}
          autoCapitalize="off"
          spellCheck={false}
          value={String(value ?? '')}
          onChange={({ target }) => onChange(target.value)}
          className={fieldClass}
        />
      );
    case 'json':
      return (
        <textarea
          {...rest}
          aria-required={required}
          rows={5}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder={'{"name": "value"}'}
          value={String(value ?? '')}
          onChange={({ target }) => onChange(target.value)}
          className={`${fieldClass} min-h-28 resize-y py-1.5 font-mono text-sm`}
        />
      );
    default:
      return parameter satisfies never;
  }
}

type WholeNumberProps = Omit<ParameterControlProps, 'parameter' | 'value'> & {
  readonly isRequired: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly placeholder: string | undefined;
  readonly value: number | null;
};

const stepClass =
  'flex w-9 shrink-0 items-center justify-center border border-line-strong bg-panel text-muted hover:bg-raised data-disabled:opacity-50 pointer-coarse:w-11';

function WholeNumber({ id, isRequired, min, max, value, onChange, ...rest }: WholeNumberProps) {
  return (
    <NumberField.Root
      id={id}
      // A value out of bounds gets a message; it is not corrected silently.
      allowOutOfRange
      format={{ useGrouping: false, maximumFractionDigits: 20 }}
      value={value}
      onValueChange={onChange}
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
    >
      <NumberField.Group className="flex max-w-60">
        <NumberField.Decrement aria-label="Less" className={`${stepClass} rounded-l-md border-r-0`}>
          <Minus size={16} aria-hidden="true" />
        </NumberField.Decrement>
        <NumberField.Input
          {...rest}
          aria-required={isRequired}
          className={`${fieldClass} relative rounded-none text-right focus-visible:z-10`}
        />
        <NumberField.Increment aria-label="More" className={`${stepClass} rounded-r-md border-l-0`}>
          <Plus size={16} aria-hidden="true" />
        </NumberField.Increment>
      </NumberField.Group>
    </NumberField.Root>
  );
}
