import clsx from 'clsx';
import { type ReactNode, useId } from 'react';

/** Attributes that tie a control to its label, its hint and its issue. */
export type ControlAttributes = {
  readonly id: string;
  readonly 'aria-invalid': boolean | undefined;
  readonly 'aria-describedby': string | undefined;
};

export type FieldProps = {
  readonly label: string;
  readonly labelClassName?: string;
  readonly hint?: string | undefined;
  readonly issue?: ReactNode;
  readonly isOptional?: boolean;
  /** Puts the label after the control, in one line, as for a checkbox. */
  readonly isInline?: boolean;
  readonly children: (control: ControlAttributes) => ReactNode;
};

/** Frames a control with its label, a hint, and the issue with its value, which is read out. */
export function Field({
  label: text,
  labelClassName = 'font-semibold',
  hint = '',
  issue,
  isOptional = false,
  isInline = false,
  children,
}: FieldProps) {
  const id = useId();
  const hasIssue = issue !== undefined && issue !== null;
  const describedBy = [hint !== '' && `${id}-hint`, hasIssue && `${id}-issue`].filter(Boolean).join(' ');
  const control = children({
    id,
    'aria-invalid': hasIssue || undefined,
    'aria-describedby': describedBy === '' ? undefined : describedBy,
  });
  const label = (
    <label htmlFor={id} className={labelClassName}>
      {text}
    </label>
  );
  return (
    <div>
      {isInline ? (
        <div className="flex min-h-9 items-center gap-3 pointer-coarse:min-h-10">
          {control}
          {label}
        </div>
      ) : (
        <>
          <div className="mb-1 flex items-baseline justify-between gap-2">
            {label}
            {isOptional && <span className="text-xs text-muted">optional</span>}
          </div>
          {control}
        </>
      )}
      {hint !== '' && (
        <p id={`${id}-hint`} className={clsx('text-sm break-words text-muted', isInline ? 'pl-8' : 'mt-1')}>
          {hint}
        </p>
      )}
      <p id={`${id}-issue`} role="alert" className="mt-1 text-sm break-words text-bad empty:hidden">
        {hasIssue && (
          <>
            <span aria-hidden="true">✕ </span>
            {issue}
          </>
        )}
      </p>
    </div>
  );
}
