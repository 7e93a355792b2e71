import type { Task } from '@booner/protocol';

/**
 * Returns a result in one line: its `details` if present, else its fields; `null` if it is empty.
 */
export function shortResult(result: Task['result']): string | null {
  if (result === null) return null;
  const { details } = result;
  if (typeof details === 'string' && details.trim() !== '') return details;
  const fields = Object.entries(result).map(([name, value]) => `${name}: ${spell(value)}`);
  return fields.length === 0 ? null : fields.join(', ');
}

function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length === 1 ? '1 item' : `${value.length} items`;
  return typeof value === 'object' && value !== null ? '{…}' : String(value);
}
