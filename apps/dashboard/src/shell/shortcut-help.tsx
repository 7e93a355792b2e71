import { Dialog } from '@base-ui/react/dialog';
import { buttonClass } from '../ui/button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { modalClasses } from '../ui/modal-classes.ts';

const SHORTCUTS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['Ctrl', 'K'], 'Command palette (⌘ K on a Mac)'],
  [['/'], 'Search this view, or open the palette'],
  [['?'], 'This list'],
  [['g', 'f'], 'Go to the fleet'],
  [['g', 't'], 'Go to the tasks'],
  [['g', 'r'], 'Go to the rollouts'],
  [['g', 'a'], 'Go to the alerts'],
  [['j', 'k'], 'Enter a list and move in it, as ↓ and ↑ do'],
  [['Enter'], 'Open the entry'],
  [['F6'], 'Focus notifications, and back'],
  [['Esc'], 'Close the open dialog or menu'],
];

export type ShortcutHelpProps = { readonly open: boolean; readonly onOpenChange: (open: boolean) => void };

/** The keys that work in every view. */
export function ShortcutHelp({ open, onOpenChange }: ShortcutHelpProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={modalClasses.backdrop} />
        <Dialog.Viewport className={modalClasses.viewport}>
          <Dialog.Popup className={`${modalClasses.popup} max-w-md p-4`}>
            <Dialog.Title className="mb-3 text-lg font-semibold">Keyboard shortcuts</Dialog.Title>
            <dl className="mb-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-2">
              {SHORTCUTS.map(([keys, what]) => (
                <div key={what} className="col-span-2 grid grid-cols-subgrid items-baseline">
                  <dt className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
            <Dialog.Close className={buttonClass('plain', 'self-end')}>Close</Dialog.Close>
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
