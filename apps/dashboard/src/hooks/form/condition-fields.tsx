import { MAX_HOOK_FIELDS } from '@booner/protocol/limits';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../ui/button.tsx';
import { fieldClass } from '../../ui/field-classes.ts';
import { FormAlert } from '../../ui/form-alert.tsx';
import type { Condition } from './hook-draft.ts';

export type ConditionFieldsProps = {
  readonly conditions: readonly Condition[];
  readonly onChange: (conditions: readonly Condition[]) => void;
  readonly issue: string | undefined;
};

const textClass = `${fieldClass} font-mono text-sm`;

/** Values that a payload must have. */
export function ConditionFields({ conditions, onChange, issue }: ConditionFieldsProps) {
  const change = (index: number, next: Partial<Condition>) =>
    onChange(conditions.map((each, at) => (at === index ? { ...each, ...next } : each)));
  const text = { autoComplete: 'off', autoCapitalize: 'off', spellCheck: false, className: textClass };
  return (
    <div className="flex flex-col gap-3">
      <p className="text-muted">
        {conditions.length === 0
          ? 'Each authentic delivery starts the action.'
          : 'A delivery starts the action if its payload has all of these values. Others are ignored.'}
      </p>
      {conditions.length > 0 && (
        <ul aria-label="Conditions" className="flex flex-col gap-3">
          {conditions.map(({ place, value }, index) => (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: conditions have no identity but their place
              key={index}
              className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-2 sm:grid-cols-[minmax(0,2fr)_auto_minmax(0,3fr)_auto]"
            >
              <input
                {...text}
                aria-label={`Place ${index + 1}`}
                aria-invalid={(issue !== undefined && place.trim() === '') || undefined}
                placeholder="/ref"
                value={place}
                onChange={({ target }) => change(index, { place: target.value })}
              />
              <span aria-hidden="true" className="text-muted max-sm:hidden">
                =
              </span>
              <input
                {...text}
                aria-label={`Value ${index + 1}`}
                placeholder="refs/heads/main"
                value={value}
                onChange={({ target }) => change(index, { value: target.value })}
                className={`${textClass} max-sm:row-start-2`}
              />
              <IconButton
                label={`Remove condition ${index + 1}`}
                onClick={() => onChange(conditions.filter((_, at) => at !== index))}
              >
                <X size={16} aria-hidden="true" />
              </IconButton>
            </li>
          ))}
        </ul>
      )}
      <FormAlert text={issue ?? null} />
      {conditions.length > 0 && (
        <p className="text-sm text-muted">
          Places are JSON pointers. Values are texts, numbers, true, false or null. A text in quotes stays a
          text: "true".
        </p>
      )}
      {conditions.length < MAX_HOOK_FIELDS && (
        <Button className="self-start" onClick={() => onChange([...conditions, { place: '', value: '' }])}>
          <Plus size={16} aria-hidden="true" />
          Add condition
        </Button>
      )}
    </div>
  );
}
