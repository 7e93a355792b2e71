import { useId } from 'react';
import { Field } from './field.tsx';
import { fieldClass } from './field-classes.ts';

export type TimeZoneFieldProps = {
  readonly value: string;
  readonly onChange: (timeZone: string) => void;
  readonly issue: string | undefined;
};

/** A name of the IANA time zone database, with those that the browser knows to choose from. */
export function TimeZoneField({ value, onChange, issue }: TimeZoneFieldProps) {
  const zones = useId();
  return (
    <Field label="Time zone" issue={issue}>
      {(control) => (
        <>
          <input
            {...control}
            list={zones}
            value={value}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => onChange(target.value)}
            className={fieldClass}
          />
          <datalist id={zones}>
            {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** Returns the time zone of the browser. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
