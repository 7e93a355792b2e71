import clsx from 'clsx';
import { Search } from 'lucide-react';
import { type ComponentProps, useEffect, useRef, useState } from 'react';

/** Input takes effect once typing pauses: one entry of the URL per word, not per letter. */
const PAUSE_MS = 150;

export type SearchFieldProps = {
  /** Name and placeholder. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The view's own search, which `/` focuses. */
  readonly isMain?: boolean;
  /** Tooltip. */
  readonly title?: string;
  readonly className?: string;
  readonly onKeyDown?: ComponentProps<'input'>['onKeyDown'];
};

/** A search field. */
export function SearchField({
  label,
  value,
  onChange,
  isMain = false,
  title,
  className,
  onKeyDown,
}: SearchFieldProps) {
  const [text, setText] = useState(value);
  const known = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (value === known.current) return;
    known.current = value; // changed elsewhere, for example by the browser's Back
    clearTimeout(timer.current);
    setText(value);
  }, [value]);
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      known.current = next;
      onChange(next);
    }, PAUSE_MS);
  };
  return (
    <span className={clsx('relative inline-flex', className)}>
      <Search
        size={16}
        aria-hidden="true"
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-muted"
      />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        title={title}
        value={text}
        autoComplete="off"
        spellCheck={false}
        data-search={isMain ? '' : undefined}
        onChange={(event) => type(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-line-strong bg-panel pr-2 pl-8 text-ink placeholder:text-muted pointer-coarse:h-10 pointer-coarse:text-base"
      />
    </span>
  );
}
