import clsx from 'clsx';

export type FilterSelectProps = {
  /** Name of the filter. */
  readonly label: string;
  /** Text while nothing is selected: "All hosts". */
  readonly all: string;
  readonly value: string | undefined;
  readonly choices: readonly string[];
  readonly onChange: (value: string | undefined) => void;
  readonly className?: string;
};

/**
 * Selects one value or all of them, with the platform's own control, which phones and screen
 * readers support well.
 */
export function FilterSelect({ label, all, value, choices, onChange, className }: FilterSelectProps) {
  return (
    <select
      aria-label={label}
      value={value ?? ''}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
      className={clsx(
        'h-8 max-w-48 truncate rounded-md border border-line-strong bg-panel pr-1 pl-2 pointer-coarse:h-10',
        value === undefined ? 'text-muted' : 'text-ink',
        className,
      )}
    >
      <option value="">{all}</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}
