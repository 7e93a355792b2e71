import { Plus } from 'lucide-react';
import { useAccess } from '../access/use-access.ts';
import { Button, type ButtonVariant } from '../ui/button.tsx';
import { askForHost } from './asked-host.ts';

export type AddHostButtonProps = {
  readonly variant?: ButtonVariant;
  /** Host that the form starts with. */
  readonly host?: string;
  /** Shows only its icon on phones. */
  readonly isShort?: boolean;
};

/** Opens the dialog that adds a host. Hidden from users without the right to. */
export function AddHostButton({ variant = 'plain', host = '', isShort = false }: AddHostButtonProps) {
  if (!useAccess().may('admin')) return null;
  return (
    <Button variant={variant} onClick={() => askForHost(host)}>
      <Plus size={16} aria-hidden="true" />
      <span className={isShort ? 'max-sm:sr-only' : undefined}>Add host</span>
    </Button>
  );
}
