import type { ComponentProps } from 'react';
import { Field, type FieldProps } from './field.tsx';
import { fieldClass } from './field-classes.ts';

export type TextFieldProps = Omit<ComponentProps<'input'>, 'id' | 'onChange' | 'value' | 'className'> &
  Pick<FieldProps, 'label' | 'hint' | 'issue' | 'isOptional'> & {
    readonly value: string;
    readonly onChange: (value: string) => void;
  };

/** One line of text to type. */
export function TextField({
  label,
  hint,
  issue,
  isOptional = false,
  value,
  onChange,
  ...rest
}: TextFieldProps) {
  return (
    <Field label={label} hint={hint} issue={issue} isOptional={isOptional}>
      {(control) => (
        <input
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...control}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          className={fieldClass}
        />
      )}
    </Field>
  );
}
