import type { SavedHook } from '@booner/protocol';
import { Button } from '../ui/button.tsx';
import { CommandLine } from '../ui/command-line.tsx';
import { DialogFrame } from '../ui/dialog-frame.tsx';

/** URL and secret of a hook. Held by the view that shows them, and by nothing else. */
export type NewKey = { readonly url: string; readonly secret: string };

/** Takes the URL and the secret from an answer; `null`: they are not new. */
export const newKeyOf = ({ url, secret }: SavedHook): NewKey | null =>
  url === null || secret === null ? null : { url, secret };

export type NewKeyDialogProps = {
  readonly name: string;
  readonly newKey: NewKey;
  readonly onClose: () => void;
};

/** Shows the URL and the secret of a hook, once. */
export const NewKeyDialog = ({ name, newKey: { url, secret }, onClose }: NewKeyDialogProps) => (
  <DialogFrame
    open
    onOpenChange={(open) => !open && onClose()}
    title={`Hook ${name}`}
    isPrecious
    className="max-w-xl"
  >
    <p role="status">
      Enter both at the sender now. They are <strong>shown only once</strong>: nothing shows them again.
    </p>
    <div>
      <p className="mb-1 font-semibold">URL</p>
      <CommandLine text={url} label="Copy URL" />
    </div>
    <div>
      <p className="mb-1 font-semibold">Secret</p>
      <CommandLine text={secret} label="Copy secret" />
    </div>
    <Button variant="primary" className="self-end" onClick={onClose}>
      I have copied both
    </Button>
  </DialogFrame>
);
