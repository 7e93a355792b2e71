import { lazy } from 'react';
import { LazyPart } from '../ui/lazy-part.tsx';
import { askForHost, useAskedHost } from './asked-host.ts';

const AddHostDialog = lazy(async () => ({ default: (await import('./add-host-dialog.tsx')).AddHostDialog }));

/** The dialog that adds a host, while it is open. */
export function AddHost() {
  const host = useAskedHost();
  if (host === null) return null;
  return (
    <LazyPart>
      <AddHostDialog host={host} onClose={() => askForHost(null)} />
    </LazyPart>
  );
}
