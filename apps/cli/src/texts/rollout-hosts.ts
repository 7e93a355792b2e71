import type { RolloutHost, RolloutHostStatus } from '@booner/protocol';
import displayWidth from 'string-width';
import { safeText } from '../terminal/safe-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { HOST_STATUSES } from './rollout-texts.ts';

const STYLES: Partial<Record<RolloutHostStatus, 'red' | 'cyan' | 'green'>> = {
  failed: 'red',
  running: 'cyan',
  completed: 'green',
};

/** Renders hosts with their tasks, by status, and those with an error by its text. */
export function hostLines(
  hosts: readonly RolloutHost[],
  terminal: Pick<Terminal, 'style'>,
): readonly string[] {
  const width = Math.max(0, ...hosts.map(({ host }) => displayWidth(safeText(host))));
  const hostLine = ({ host, taskId, checkId }: RolloutHost, indent: string) =>
    [
      `${indent}${safeText(host).padEnd(width)}`,
      ...(taskId === null ? [] : [`task ${taskId}`]),
      ...(checkId === null ? [] : [`check ${checkId}`]),
    ]
      .join('  ')
      .trimEnd();
  return HOST_STATUSES.flatMap((status) => {
    const group = hosts.filter((host) => host.status === status);
    if (group.length === 0) return [];
    const lines = ['', terminal.style(STYLES[status] ?? 'bold', `${status} (${group.length})`)];
    for (const [error, same] of Map.groupBy(group, (host) => host.error)) {
      if (error !== null) lines.push(`  ${safeText(error)} (${same.length})`);
      lines.push(...same.map((host) => hostLine(host, error === null ? '  ' : '    ')));
    }
    return lines;
  });
}
