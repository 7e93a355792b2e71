import { Field } from './field.tsx';
import { fieldClass } from './field-classes.ts';

export type ChoiceFieldProps = {
  readonly label: string;
  readonly value: string;
  /** Texts by value. */
  readonly choices: Readonly<Record<string, string>>;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly issue?: string | undefined;
};

/** Selects one of a few fixed values. */
export const ChoiceField = ({ label, value, choices, onChange, hint, issue }: ChoiceFieldProps) => (
  <Field label={label} hint={hint} issue={issue}>
    {(control) => (
      <select
        {...control}
        value={value}
        onChange={({ target }) => onChange(target.value)}
        className={fieldClass}
      >
        {Object.entries(choices).map(([choice, text]) => (
          <option key={choice} value={choice}>
            {text}
          </option>
        ))}
      </select>
    )}
  </Field>
);
