import type { TargetToAdd } from '@booner/client';
import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { SignInAgain } from '../access/sign-in-again.tsx';
import { useAccess } from '../access/use-access.ts';
import { DialogFrame } from '../ui/dialog-frame.tsx';
import { AddHostForm } from './add-host-form.tsx';
import { type Added, AddedHost } from './added-host.tsx';
import { RedisFirst } from './redis-first.tsx';

/** Adds a host: asks for its name, shows the command to run on it, and waits until it reports. */
export function AddHostDialog({ host, onClose }: { readonly host: string; readonly onClose: () => void }) {
  const client = useBoonerClient();
  const { isEmbedded } = useAccess();
  // Not the mutation's data: the shown key stays while another one is created.
  const [added, setAdded] = useState<Added | null>(null);
  const add = useMutation({
    mutationFn: async (target: TargetToAdd): Promise<Added> => {
      const seenBeforeMs = client.fleet.getSnapshot()?.targets.get(target.host)?.lastSeenAtMs ?? null;
      return { ...(await client.addTarget(target)), seenBeforeMs };
    },
    onSuccess: setAdded,
  });
  return (
    <DialogFrame
      open
      onOpenChange={(open) => !open && onClose()}
      title={added === null ? 'Add host' : `Add ${added.host}`}
      isPrecious={added !== null}
      className={added === null ? 'max-w-lg' : 'max-w-2xl'}
    >
      {isEmbedded ? (
        <RedisFirst onClose={onClose} />
      ) : added === null ? (
        <AddHostForm
          host={host}
          isBusy={add.isPending}
          error={add.error}
          onAdd={(target) => add.mutate(target)}
          onClose={onClose}
        />
      ) : (
        <AddedHost
          key={added.key}
          added={added}
          isBusy={add.isPending}
          error={add.error?.message ?? null}
          onNewKey={() => add.variables !== undefined && add.mutate(add.variables)}
          onClose={onClose}
        />
      )}
      <SignInAgain
        error={add.error}
        onConfirmed={() => add.variables !== undefined && add.mutate(add.variables)}
      />
    </DialogFrame>
  );
}
