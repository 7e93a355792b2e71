import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useMutation } from '@tanstack/react-query';
import clsx from 'clsx';
import { type ReactNode, useState } from 'react';
import { Button, type ButtonVariant, buttonClass } from './button.tsx';
import { FormAlert } from './form-alert.tsx';
import { modalClasses } from './modal-classes.ts';

export type ConfirmButtonProps = {
  /** Content of the button. */
  readonly children: ReactNode;
  readonly variant?: ButtonVariant;
  /** Name of the button, if its content is not enough. */
  readonly label?: string;
  readonly disabled?: boolean;
  readonly question: string;
  readonly whatHappens: string;
  /** Choices between the question and its buttons. */
  readonly options?: ReactNode;
  /** Text of the button that confirms. */
  readonly verb: string;
  /** The dialog closes once this resolves. A rejection is shown in it. */
  readonly onConfirm: () => Promise<unknown>;
  readonly reasonOf?: (error: Error) => string;
};

/** A button for an action that cannot be undone. Asks for confirmation first. */
export function ConfirmButton({
  children,
  variant = 'plain',
  label,
  disabled = false,
  question,
  whatHappens,
  options,
  verb,
  onConfirm,
  reasonOf = ({ message }) => message,
}: ConfirmButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  const confirm = useMutation({ mutationFn: onConfirm, onSuccess: () => setIsOpen(false) });
  const open = (next: boolean) => {
    if (next) confirm.reset();
    setIsOpen(next);
  };
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={open}>
      <AlertDialog.Trigger className={buttonClass(variant)} aria-label={label} disabled={disabled}>
        {children}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={modalClasses.backdrop} />
        <AlertDialog.Viewport className={modalClasses.viewport}>
          <AlertDialog.Popup className={clsx(modalClasses.popup, 'max-w-md gap-4 p-4')}>
            <div className="flex flex-col gap-2">
              <AlertDialog.Title className="text-lg font-semibold break-words">{question}</AlertDialog.Title>
              <AlertDialog.Description className="text-muted">{whatHappens}</AlertDialog.Description>
              {options}
              <FormAlert text={confirm.isError ? reasonOf(confirm.error) : null} />
            </div>
            <div className="flex flex-wrap justify-end gap-2">
              <AlertDialog.Close className={buttonClass()}>Keep it</AlertDialog.Close>
              <Button
                variant="danger"
                onClick={() => confirm.mutate()}
                disabled={confirm.isPending}
                focusableWhenDisabled
              >
                {verb}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
