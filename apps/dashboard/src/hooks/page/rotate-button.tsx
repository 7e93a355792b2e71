import { useBoonerClient } from '@booner/react';
import { useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { HOOKS_KEY } from '../hook-queries.ts';
import { type NewKey, NewKeyDialog, newKeyOf } from '../new-key-dialog.tsx';

export type RotateButtonProps = { readonly name: string; readonly disabled: boolean };

/** Replaces the URL and the secret of a hook, and shows the new ones once. */
export function RotateButton({ name, disabled }: RotateButtonProps) {
  const client = useBoonerClient();
  const queries = useQueryClient();
  const [newKey, setNewKey] = useState<NewKey | null>(null);
  return (
    <>
      <ConfirmButton
        label={`Rotate key of ${name}`}
        disabled={disabled}
        question={`Replace the URL and the secret of ${name}?`}
        whatHappens="The old ones are invalid at once, so the sender needs the new ones. The hook then has your rights."
        verb="Replace both"
        // Returns nothing: what a mutation returns is kept after the view has gone.
        onConfirm={async () => {
          setNewKey(newKeyOf(await client.rotateHook(name)));
          await queries.invalidateQueries({ queryKey: HOOKS_KEY });
        }}
      >
        <KeyRound size={16} aria-hidden="true" />
        Rotate key
      </ConfirmButton>
      {newKey !== null && <NewKeyDialog {...{ name, newKey }} onClose={() => setNewKey(null)} />}
    </>
  );
}
