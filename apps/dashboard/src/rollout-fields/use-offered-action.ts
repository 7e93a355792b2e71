import type { OfferedAction } from '@booner/protocol';
import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { actionsQuery, runnersQuery } from '../run/actions-query.ts';

export type OfferedActions = {
  /** Names of actions with the number of hosts that offer them; `null`: not known yet. */
  readonly names: ReadonlyMap<string, number> | null;
  /** A host that offers each action. */
  readonly hostOf: ReadonlyMap<string, string>;
};

/**
 * Returns the actions that hosts offer, by name.
 * @param hosts only those; `null`: all
 */
export function useOfferedActions(hosts: ReadonlySet<string> | null): OfferedActions {
  const { data } = useQuery(runnersQuery(useBoonerClient()));
  return useMemo(() => {
    const names = new Map<string, number>();
    const hostOf = new Map<string, string>();
    for (const { host, actions } of data ?? []) {
      if (hosts !== null && !hosts.has(host)) continue;
      for (const name of actions) {
        names.set(name, (names.get(name) ?? 0) + 1);
        if (!hostOf.has(name)) hostOf.set(name, host);
      }
    }
    const sorted = new Map([...names].sort(([a], [b]) => a.localeCompare(b)));
    return { names: data === undefined ? null : sorted, hostOf };
  }, [data, hosts]);
}

/**
 * Returns an action as one of the hosts offers it; others may differ, which the plan shows.
 * `undefined`: not known yet, or no host offers it.
 */
export function useOfferedAction(name: string, { hostOf }: OfferedActions): OfferedAction | undefined {
  const client = useBoonerClient();
  const host = hostOf.get(name);
  const { data } = useQuery({ ...actionsQuery(client, host ?? ''), enabled: host !== undefined });
  return data?.actions.find((action) => action.name === name);
}
