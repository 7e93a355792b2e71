import { X } from 'lucide-react';
import { IconButton } from '../ui/button.tsx';

export type LabelChipProps = {
  readonly name: string;
  /** `null`: different values. */
  readonly value: string | null;
  /** Who set it, and on which of several targets. */
  readonly detail: string;
  readonly isBusy: boolean;
  /** Absent: it cannot be removed. */
  readonly onRemove?: (() => void) | undefined;
};

/** A label, with a button that removes it. */
export const LabelChip = ({ name, value, detail, isBusy, onRemove }: LabelChipProps) => (
  <li className="flex min-w-0 items-center gap-1 rounded-md border border-line py-1 pr-1 pl-2">
    <span className="min-w-0 break-all">
      {name}
      {value !== null && (
        <>
          <span className="text-muted">=</span>
          {value}
        </>
      )}
    </span>
    <span className="px-1 text-sm text-muted">{detail}</span>
    {onRemove !== undefined && (
      <IconButton label={`Remove ${name}`} disabled={isBusy} onClick={onRemove}>
        <X size={16} aria-hidden="true" />
      </IconButton>
    )}
  </li>
);
