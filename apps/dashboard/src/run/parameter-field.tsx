import type { Parameter } from '@booner/protocol';
import clsx from 'clsx';
import { useId } from 'react';
import type { FieldValue } from './form-values.ts';
import { ParameterControl } from './parameter-control.tsx';
import { parameterHint } from './parameter-hint.ts';

export type ParameterFieldProps = {
  readonly parameter: Parameter;
  readonly value: FieldValue;
  /** What is wrong with it. */
  readonly fault: string | undefined;
  readonly onChange: (value: FieldValue) => void;
  readonly onBlur: () => void;
};

/** One parameter: its name, its field, what its author says of it, and what is wrong with it. */
export function ParameterField({ parameter, value, fault, onChange, onBlur }: ParameterFieldProps) {
  const id = useId();
  const { name, type, description, required } = parameter;
  const hint = [description, parameterHint(parameter)].filter((text) => text !== '').join('; ');
  const describedBy = [hint !== '' && `${id}-hint`, fault !== undefined && `${id}-fault`]
    .filter(Boolean)
    .join(' ');
  const control = (
    <ParameterControl
      id={id}
      parameter={parameter}
      value={value}
      onChange={onChange}
      onBlur={onBlur}
      aria-invalid={fault !== undefined || undefined}
      aria-describedby={describedBy === '' ? undefined : describedBy}
    />
  );
  const label = (
    <label htmlFor={id} className="font-mono text-sm font-semibold">
      {name}
    </label>
  );
  return (
    <div data-parameter={name}>
      {type === 'boolean' ? (
        <div className="flex min-h-9 items-center gap-3 pointer-coarse:min-h-10">
          {control}
          {label}
        </div>
      ) : (
        <>
          <div className="mb-1 flex items-baseline justify-between gap-2">
            {label}
            {!required && <span className="text-xs text-muted">optional</span>}
          </div>
          {control}
        </>
      )}
      {hint !== '' && (
        <p
          id={`${id}-hint`}
          className={clsx('text-sm break-words text-muted', type === 'boolean' ? 'pl-8' : 'mt-1')}
        >
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
