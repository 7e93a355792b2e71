import type { TargetSummary } from '@booner/protocol';
import { type AccessSelector, type ViewSelector, viewSubjectOf } from '@booner/protocol/selector';
import { useMemo } from 'react';
import { useFleet } from '../live/use-fleet.ts';

/**
 * Returns the hosts of the targets that a selector matches. The same object while they stay the
 * same.
 * @param selector `null`: there is none
 * @returns `null` without a selector, and before the first data
 */
export function useSelectedHosts(selector: ViewSelector | AccessSelector | null): ReadonlySet<string> | null {
  // As a text, which is equal for equal hosts.
  const text = useFleet(({ targets }) => {
    if (selector === null) return null;
    const hosts: string[] = [];
    for (const target of targets.values()) if (isSelected(selector, target)) hosts.push(target.host);
    return hosts.join();
  });
  return useMemo(() => (text === null ? null : new Set(text.split(',').filter(Boolean))), [text]);
}

const isSelected = (selector: ViewSelector | AccessSelector, target: TargetSummary): boolean =>
  selector.use === 'view'
    ? selector.matches(viewSubjectOf(target))
    : selector.matches({ host: target.host, operatorLabels: target.operatorLabels ?? {} });
