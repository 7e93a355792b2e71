import type { LogLine } from '@booner/protocol';
import { useEffect, useMemo, useState } from 'react';
import { LogSearch } from './log-search.ts';

/** Well within a frame of 16 ms, part of which rendering needs. */
const BUDGET_MS = 6;

export type LogMatches = {
  /** Numbers of the lines, in order. The array grows in place: only the first `count` are valid. */
  readonly lines: readonly number[];
  readonly count: number;
  readonly isComplete: boolean;
};

const NONE: LogMatches = { lines: [], count: 0, isComplete: true };

/** Finds the lines that match a pattern in small steps, which keeps the page responsive. */
export function useLogSearch(lines: readonly LogLine[], pattern: RegExp | null): LogMatches {
  const search = useMemo(() => (pattern === null ? null : new LogSearch(pattern)), [pattern]);
  const [state, setState] = useState({ search, matches: NONE });
  useEffect(() => {
    if (search === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = () => {
      const endMs = performance.now() + BUDGET_MS;
      const isComplete = search.look(lines, () => performance.now() >= endMs);
      const { found } = search;
      setState((before) => {
        const { count, isComplete: wasComplete } = before.matches;
        const isSame = before.search === search && count === found.length && wasComplete === isComplete;
        return isSame ? before : { search, matches: { lines: found, count: found.length, isComplete } };
      });
      if (!isComplete) timer = setTimeout(go);
    };
    go();
    return () => clearTimeout(timer);
  }, [search, lines]);
  if (search === null) return NONE;
  return state.search === search ? state.matches : { ...NONE, isComplete: false };
}
