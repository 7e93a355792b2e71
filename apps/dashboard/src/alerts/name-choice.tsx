import { type ReactNode, useId } from 'react';

export type NameChoiceProps = {
  readonly label: string;
  readonly hint?: string;
  /** Names to choose from; `null` while unknown. Other chosen names stay choices. */
  readonly known: readonly string[] | null;
  readonly value: readonly string[];
  readonly onChange: (names: readonly string[]) => void;
  readonly issue: string | undefined;
  /** Shown if there is nothing to choose from. */
  readonly empty: ReactNode;
};

/** Selects some of a few names. */
export function NameChoice({ label, hint, known, value, onChange, issue, empty }: NameChoiceProps) {
  const id = useId();
  const choices = [...new Set([...(known ?? []), ...value])];
  return (
    <fieldset aria-describedby={`${id}-about`}>
      <legend className="mb-1 font-semibold">{label}</legend>
      {choices.length === 0 && known !== null && <p className="text-muted">{empty}</p>}
      <div className="flex flex-wrap gap-2">
        {choices.map((name) => (
          <label
            key={name}
            className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md border border-line px-2.5 has-checked:border-accent has-checked:bg-raised pointer-coarse:min-h-10"
          >
            <input
              type="checkbox"
              checked={value.includes(name)}
              onChange={({ target }) =>
                onChange(target.checked ? [...value, name] : value.filter((each) => each !== name))
              }
              className="size-4 accent-(--accent)"
            />
            <span className="wrap-anywhere">{name}</span>
            {known !== null && !known.includes(name) && <span className="text-sm text-warn">missing</span>}
          </label>
        ))}
      </div>
      <div id={`${id}-about`}>
        {hint !== undefined && choices.length > 0 && <p className="mt-1 text-sm text-muted">{hint}</p>}
        {issue !== undefined && (
          <p role="alert" className="mt-1 text-sm text-bad">
            <span aria-hidden="true">✕ </span>
            {issue}
          </p>
        )}
      </div>
    </fieldset>
  );
}
