import type { OfferedAction } from '@booner/protocol';
import { useId } from 'react';

export type ActionPickerProps = {
  readonly actions: readonly OfferedAction[];
  readonly chosen: string | undefined;
  readonly onChange: (action: string) => void;
};

/** Lists the actions of a target with their descriptions. */
export function ActionPicker({ actions, chosen, onChange }: ActionPickerProps) {
  const id = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">Action</legend>
      <div className="flex flex-col divide-y divide-line overflow-hidden rounded-md border border-line-strong bg-panel">
        {actions.map(({ name, description }) => (
          <label
            key={name}
            className="flex min-h-10 cursor-pointer items-start gap-3 px-3 py-2 hover:bg-raised has-checked:bg-raised"
          >
            <input
              type="radio"
              name="action"
              value={name}
              aria-labelledby={`${id}-${name}`}
              aria-describedby={description === '' ? undefined : `${id}-${name}-description`}
              checked={name === chosen}
              onChange={() => onChange(name)}
              className="mt-0.5 size-4 shrink-0 accent-accent"
            />
            <span className="min-w-0">
              <span id={`${id}-${name}`} className="block font-semibold break-words">
                {name}
              </span>
              {description !== '' && (
                <span id={`${id}-${name}-description`} className="block text-sm text-muted">
                  {description}
                </span>
              )}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
