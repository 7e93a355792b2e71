import type { ProcessStat } from './process-stat.ts';

const MAX_NAMED = 5;

/** Returns `process 12 (dd, in uninterruptible sleep) could not be ended`. */
export function describeLeft(left: readonly ProcessStat[]): string {
  const named = left
    .slice(0, MAX_NAMED)
    .map(({ pid, name, state }) => `${pid} (${name}${state === 'D' ? ', in uninterruptible sleep' : ''})`);
  if (left.length > MAX_NAMED) named.push(`${left.length - MAX_NAMED} more`);
  return `${left.length === 1 ? 'process' : 'processes'} ${named.join(', ')} could not be ended`;
}
