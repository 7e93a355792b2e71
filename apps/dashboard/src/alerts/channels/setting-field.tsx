import { Field } from '../../ui/field.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { TextField } from '../../ui/text-field.tsx';
import type { ChannelField } from './channel-fields.ts';

export type SettingFieldProps = {
  readonly field: ChannelField;
  readonly value: string | boolean;
  readonly onChange: (value: string | boolean) => void;
  /** A secret that the hub has, and keeps if the field stays empty. */
  readonly isKept: boolean;
  readonly isRemoved: boolean;
  readonly onRemoved: (isRemoved: boolean) => void;
  readonly issue: string | undefined;
};

/** One setting of a channel. */
export function SettingField(props: SettingFieldProps) {
  const { field, value, onChange, isKept, isRemoved, onRemoved, issue } = props;
  const { label, hint, kind, isRequired, choices, placeholder } = field;
  const text = typeof value === 'string' ? value : '';
  const common = { label, hint, issue, isOptional: !isRequired };
  switch (kind) {
    case 'boolean':
      return (
        <Field label={label} labelClassName="" hint={hint} issue={issue} isInline>
          {(control) => (
            <input
              {...control}
              type="checkbox"
              checked={value === true}
              onChange={({ target }) => onChange(target.checked)}
              className="size-5 accent-(--accent)"
            />
          )}
        </Field>
      );
    case 'choice':
      return (
        <Field {...common} isOptional={false}>
          {(control) => (
            <select
              {...control}
              value={text}
              onChange={({ target }) => onChange(target.value)}
              className={fieldClass}
            >
              {choices.map((choice) => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          )}
        </Field>
      );
    case 'list':
      return (
        <Field {...common} hint={`${hint}. One per line.`.replace(/^\. /, '')}>
          {(control) => (
            <textarea
              {...control}
              rows={3}
              value={text}
              spellCheck={false}
              onChange={({ target }) => onChange(target.value)}
              className={`${fieldClass} h-auto! py-1.5`}
            />
          )}
        </Field>
      );
    case 'secret':
      return (
        <div>
          <TextField
            {...common}
            type="password"
            autoComplete="new-password"
            value={text}
            onChange={onChange}
            disabled={isRemoved}
            placeholder={isRemoved ? 'will be removed' : isKept ? 'kept unless you enter a new one' : ''}
          />
          {isKept && !isRequired && (
            <label className="mt-1 flex cursor-pointer items-center gap-2 text-sm pointer-coarse:min-h-10">
              <input
                type="checkbox"
                checked={isRemoved}
                onChange={({ target }) => onRemoved(target.checked)}
                className="size-4 accent-(--accent)"
              />
              Remove it
            </label>
          )}
        </div>
      );
    case 'number':
      return (
        <TextField
          {...common}
          inputMode="numeric"
          value={text}
          onChange={onChange}
          placeholder={placeholder}
        />
      );
    case 'text':
      return <TextField {...common} value={text} onChange={onChange} placeholder={placeholder} />;
    default:
      return kind satisfies never;
  }
}
