import clsx from 'clsx';
import { SlidersHorizontal } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { IconButton } from './button.tsx';

export type FoldedFiltersProps = {
  /** Name of the button that unfolds them. */
  readonly label: string;
  /** One of them is set. */
  readonly isActive: boolean;
  readonly children: ReactNode;
};

/** Filters in the line of their surroundings. On a phone they fold behind a button. */
export function FoldedFilters({ label, isActive, children }: FoldedFiltersProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <IconButton
        label={isActive ? `${label} (active)` : label}
        variant="plain"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        className={clsx('sm:hidden', isActive ? 'border-accent text-accent' : 'text-muted')}
      >
        <SlidersHorizontal size={16} aria-hidden="true" />
      </IconButton>
      <span
        id={id}
        className={clsx(
          'contents max-sm:basis-full max-sm:flex-wrap max-sm:gap-2',
          isOpen ? 'max-sm:flex' : 'max-sm:hidden',
        )}
      >
        {children}
      </span>
    </>
  );
}
