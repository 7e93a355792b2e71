import clsx from 'clsx';
import { Search } from 'lucide-react';
import { type ComponentProps, useEffect, useRef, useState } from 'react';

/** What is typed counts once the typing pauses: one entry of the URL a word, and not one a letter. */
const PAUSE_MS = 150;

export type SearchFieldProps = {
  /** Its name, which also stands in it while it is empty. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** The view's own search, which `/` goes to. */
  readonly isMain?: boolean;
  readonly className?: string;
  readonly onKeyDown?: ComponentProps<'input'>['onKeyDown'];
};

/** A field for the words that are looked for. */
export function SearchField({
  label,
  value,
  onChange,
  isMain = false,
  className,
  onKeyDown,
}: SearchFieldProps) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value; // somebody else changed it, such as the browser's Back
    clearTimeout(timer.current);
    setText(value);
  }, [value]);
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      told.current = next;
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
