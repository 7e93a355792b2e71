import { Dialog } from '@base-ui/react/dialog';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { modalClasses } from './modal-classes.ts';

export type DialogFrameProps = {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** The content cannot be shown again, so a click outside does not close the dialog. */
  readonly isPrecious?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
};

/**
 * A dialog with a title. It scrolls if the window is too low, and dims a dialog that it is nested
 * in.
 */
export function DialogFrame({
  open,
  onOpenChange,
  title,
  isPrecious = false,
  className,
  children,
}: DialogFrameProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange} disablePointerDismissal={isPrecious}>
      <Dialog.Portal>
        <Dialog.Backdrop forceRender className={modalClasses.backdrop} />
        <Dialog.Viewport className={modalClasses.viewport}>
          <Dialog.Popup className={clsx(modalClasses.popup, className ?? 'max-w-lg')}>
            <Dialog.Title className="px-4 pt-4 text-lg font-semibold">{title}</Dialog.Title>
            <div className="flex min-h-0 flex-col gap-4 overflow-y-auto p-4 pt-3">{children}</div>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
