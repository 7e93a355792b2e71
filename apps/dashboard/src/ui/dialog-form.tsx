import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { FormAlert } from './form-alert.tsx';

export type DialogFormProps = {
  /** Name of the form, for screen readers. */
  readonly label: string;
  readonly submitText: string;
  /** The request is under way: the form is not submitted again. */
  readonly isBusy: boolean;
  /** Problem with the form as a whole. */
  readonly alert: string | null;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
};

/** A form in a dialog, with Cancel and its own button at the end. */
export function DialogForm({
  label,
  submitText,
  isBusy,
  alert,
  onSubmit,
  onCancel,
  children,
}: DialogFormProps) {
  return (
    <form
      noValidate
      aria-label={label}
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBusy) onSubmit();
      }}
    >
      {children}
      <FormAlert text={alert} />
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={isBusy} focusableWhenDisabled>
          {submitText}
        </Button>
      </div>
    </form>
  );
}
