import type { TargetSummary, Task } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQueries } from '@tanstack/react-query';
import { actionsQuery } from '../run/actions-query.ts';
import { type KnownAction, wordsOf } from './palette-items.ts';

/** Maximum number of hosts whose actions are loaded at once. */
const MAX_HOSTS = 6;
const MAX_FOUND = 3;

/** Returns the actions of the hosts that match the query, and of those that ran tasks recently. */
export function useKnownActions(
  query: string,
  targets: readonly TargetSummary[],
  tasks: readonly Task[],
): readonly KnownAction[] {
  const client = useBoonerClient();
  const hosts = query.trim() === '' ? [] : hostsToAsk(query, targets, tasks);
  return useQueries({
    queries: hosts.map((host) => actionsQuery(client, host)),
    combine: combineActions,
  });
}

/**
 * One function for all renders, so that the result keeps its identity while nothing new arrives.
 */
function combineActions(
  results: readonly {
    readonly data?:
      | {
          readonly host: string;
          readonly actions: readonly { readonly name: string; readonly description: string }[];
        }
      | undefined;
  }[],
): readonly KnownAction[] {
  return results.flatMap(({ data }) =>
    data === undefined
      ? []
      : data.actions.map(({ name, description }) => ({ host: data.host, action: name, description })),
  );
}

function hostsToAsk(
  query: string,
  targets: readonly TargetSummary[],
  tasks: readonly Task[],
): readonly string[] {
  const words = wordsOf(query).filter((word) => word.length > 1);
  const found = targets
    .filter(({ host, label }) => words.some((word) => `${host} ${label ?? ''}`.toLowerCase().includes(word)))
    .sort((a, b) => Number(words.includes(b.host)) - Number(words.includes(a.host)))
    .slice(0, MAX_FOUND);
  const lately = tasks.toSorted((a, b) => b.createdAtMs - a.createdAtMs);
  return [...new Set([...found, ...lately].map(({ host }) => host))].slice(0, MAX_HOSTS);
}
