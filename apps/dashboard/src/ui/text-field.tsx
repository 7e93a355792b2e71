import { type ComponentProps, useId } from 'react';
import { fieldClass } from './field-classes.ts';

export type TextFieldProps = Omit<ComponentProps<'input'>, 'id' | 'onChange' | 'value' | 'className'> & {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  /** What is wrong with it. */
  readonly fault?: string | undefined;
  readonly isOptional?: boolean;
};

/** A line to type, with its name, what helps to fill it in, and what is wrong with it. */
export function TextField({
  label,
  value,
  onChange,
  hint,
  fault,
  isOptional = false,
  ...rest
}: TextFieldProps) {
  const id = useId();
  const describedBy = [hint !== undefined && `${id}-hint`, fault !== undefined && `${id}-fault`]
    .filter(Boolean)
    .join(' ');
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-2">
        <label htmlFor={id} className="font-semibold">
          {label}
        </label>
        {isOptional && <span className="text-xs text-muted">optional</span>}
      </div>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        aria-invalid={fault !== undefined || undefined}
        aria-describedby={describedBy === '' ? undefined : describedBy}
        className={fieldClass}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-sm text-muted">
          {hint}
        </p>
      )}
      {fault !== undefined && (
        <p id={`${id}-fault`} className="mt-1 text-sm break-words text-bad">
          <span aria-hidden="true">✕ </span>
          {fault}
        </p>
      )}
    </div>
  );
}
