import type { Role } from '@booner/protocol';
import { ROLES } from '@booner/protocol/roles';
import { useId } from 'react';

const MEANINGS: Readonly<Record<Role, string>> = {
  viewer: 'Sees everything but cannot change anything.',
  operator: 'Also runs and cancels tasks, and acknowledges and silences alerts.',
  admin: 'Also manages targets, alerts and tokens, and reads the audit log.',
};

export type RoleFieldProps = { readonly value: Role; readonly onChange: (role: Role) => void };

/** Selects a role, and says what each allows. */
export function RoleField({ value, onChange }: RoleFieldProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-semibold">Role</legend>
      <div className="divide-y divide-line rounded-md border border-line">
        {ROLES.map((role) => (
          <label
            key={role}
            className="flex min-h-9 cursor-pointer items-center gap-3 px-3 py-1 pointer-coarse:min-h-11"
          >
            <input
              type="radio"
              name={name}
              value={role}
              checked={role === value}
              onChange={() => onChange(role)}
              className="size-4 shrink-0 accent-(--accent)"
            />
            <span className="w-16 shrink-0">{role}</span>
            <span className="text-sm text-muted">{MEANINGS[role]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
