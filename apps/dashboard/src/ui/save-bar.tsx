import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { FormAlert } from './form-alert.tsx';

export type SaveBarProps = {
  /** Problem with the form as a whole. */
  readonly alert: string | null;
  readonly submitText: string;
  /** The request is under way: the form is not submitted again. */
  readonly isBusy: boolean;
  /** Reason why it cannot be submitted now. */
  readonly denial?: string | undefined;
  readonly onCancel: () => void;
  /** Says what else saving does. */
  readonly note?: ReactNode;
  /** Stands before the buttons. */
  readonly children?: ReactNode;
};

/** The end of a long form, which stays in sight. */
export const SaveBar = ({ alert, submitText, isBusy, denial, onCancel, note, children }: SaveBarProps) => (
  <div className="sticky bottom-0 -mx-1 flex flex-col gap-2 bg-page px-1 py-2">
    <FormAlert text={alert} />
    {note}
    <div className="flex flex-wrap items-center justify-end gap-2">
      {children !== undefined && <div className="mr-auto">{children}</div>}
      <Button onClick={onCancel}>Cancel</Button>
      <Button
        type="submit"
        variant="primary"
        disabled={isBusy || denial !== undefined}
        focusableWhenDisabled
        aria-description={denial}
        title={denial}
      >
        {submitText}
      </Button>
    </div>
  </div>
);
