import type { Machine } from './machine.ts';

/** Exposure of a unit by `systemd-analyze security`: 0 is the least, 10 the most. */
export async function securityOf(
  machine: Machine,
  unit: string,
): Promise<{ exposure: number; line: string }> {
  const report = await machine.exec(['systemd-analyze', 'security', '--no-pager', `${unit}.service`]);
  const match = /Overall exposure level for .*: ([\d.]+) .*/.exec(report);
  if (match === null) throw new Error(`no overall level in: ${report}`);
  return { exposure: Number(match[1]), line: match[0] };
}
