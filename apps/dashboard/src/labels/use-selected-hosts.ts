import { type ViewSelector, viewSubjectOf } from '@booner/protocol/selector';
import { useMemo } from 'react';
import { useFleet } from '../live/use-fleet.ts';

/**
 * Returns the hosts of the targets that a selector matches. The same object while they stay the
 * same.
 * @param selector `null`: there is none
 * @returns `null` without a selector, and before the first data
 */
export function useSelectedHosts(selector: ViewSelector | null): ReadonlySet<string> | null {
  // As a text, which is equal for equal hosts.
  const text = useFleet(({ targets }) => {
    if (selector === null) return null;
    const hosts: string[] = [];
    for (const target of targets.values()) {
      if (selector.matches(viewSubjectOf(target))) hosts.push(target.host);
    }
    return hosts.join();
  });
  return useMemo(() => (text === null ? null : new Set(text.split(',').filter(Boolean))), [text]);
}
