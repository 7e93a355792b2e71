import { Combobox } from '@base-ui/react/combobox';
import type { TargetSummary } from '@booner/protocol';
import { useBoonerClient, useTargets } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { Check, ChevronDown } from 'lucide-react';
import { useId, useMemo, useSyncExternalStore } from 'react';
import { useAccess } from '../access/use-access.ts';
import { fieldClass } from '../ui/field-classes.ts';
import { StatusWord } from '../ui/status-word.tsx';
import { runnersQuery } from './actions-query.ts';
import { whyNotHere } from './why-not-here.ts';

/** Maximum number of hosts in the list. Typing finds the others. */
const MAX_SHOWN = 100;

export type TargetPickerProps = {
  readonly host: string | undefined;
  /** The action to run, if it is chosen already. */
  readonly action: string | undefined;
  readonly onChange: (host: string | undefined) => void;
};

/**
 * Selects a target by host or label. Hosts that can run the action come first, those with the
 * latest tasks before others. The rest say why they cannot, and can still be chosen: the form then
 * explains what to do.
 */
export function TargetPicker({ host, action, onChange }: TargetPickerProps) {
  const id = useId();
  const { targets } = useTargets();
  const withTasks = useHostsWithTasks();
  const byHost = useMemo(() => new Map(targets.map((target) => [target.host as string, target])), [targets]);
  const problems = useProblems(byHost, action);
  const hosts = useMemo(() => {
    const all = [...new Set([...withTasks, ...(host === undefined ? [] : [host]), ...byHost.keys()])];
    return problems === null ? all : all.sort((a, b) => Number(problems.has(a)) - Number(problems.has(b)));
  }, [withTasks, host, byHost, problems]);
  const chosen = host === undefined ? undefined : byHost.get(host);
  return (
    <Combobox.Root
      items={hosts}
      value={host ?? null}
      onValueChange={(value: string | null) => onChange(value ?? undefined)}
      filter={(each: string, query) => textOf(each, byHost.get(each)).includes(query.trim().toLowerCase())}
      limit={MAX_SHOWN}
      autoHighlight
    >
      <div>
        <label htmlFor={id} className="mb-1 block font-semibold">
          Target
        </label>
        <Combobox.InputGroup className="relative">
          <Combobox.Input
            id={id}
            placeholder="Host or label"
            spellCheck={false}
            className={`${fieldClass} pr-10`}
          />
          <Combobox.Trigger
            aria-label="Open the list"
            className="absolute inset-y-0 right-0 flex w-10 items-center justify-center text-muted"
          >
            <ChevronDown size={16} aria-hidden="true" />
          </Combobox.Trigger>
        </Combobox.InputGroup>
        <p className="mt-1 flex min-h-5 gap-2 text-sm text-muted">
          {chosen !== undefined && (
            <>
              <StatusWord status={chosen.status} />
              <span className="truncate">{chosen.label ?? chosen.specs}</span>
            </>
          )}
        </p>
      </div>
      <Combobox.Portal>
        <Combobox.Positioner sideOffset={4} className="z-40 outline-none">
          <Combobox.Popup className="w-(--anchor-width) rounded-md border border-line-strong bg-panel text-ink">
            <Combobox.Empty>
              <p className="p-3 text-muted empty:hidden">No targets match.</p>
            </Combobox.Empty>
            <Combobox.List className="max-h-[min(20rem,var(--available-height))] scroll-py-1 overflow-y-auto overscroll-contain p-1 outline-none data-empty:hidden">
              {(each: string) => (
                <HostItem
                  key={each}
                  host={each}
                  target={byHost.get(each)}
                  problem={problems?.get(each) ?? null}
                />
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

type HostItemProps = {
  readonly host: string;
  readonly target: TargetSummary | undefined;
  /** The reason that nothing can run on it, or `null`. */
  readonly problem: string | null;
};

function HostItem({ host, target, problem }: HostItemProps) {
  return (
    <Combobox.Item
      value={host}
      className="flex min-h-9 items-center gap-2 rounded-md px-2 select-none data-highlighted:bg-raised pointer-coarse:min-h-11"
    >
      <span className="w-3.5 shrink-0">
        {target !== undefined && <StatusWord status={target.status} isShort />}
      </span>
      <span className={clsx('max-w-[60%] shrink-0 truncate', problem !== null && 'text-muted')}>{host}</span>
      <span className="min-w-0 flex-1 truncate text-sm text-muted">{target?.label ?? target?.specs}</span>
      {problem !== null && <span className="max-w-[40%] truncate text-sm text-muted italic">{problem}</span>}
      <Combobox.ItemIndicator>
        <Check size={16} aria-hidden="true" />
      </Combobox.ItemIndicator>
    </Combobox.Item>
  );
}

const textOf = (host: string, target: TargetSummary | undefined): string =>
  `${host} ${target?.label ?? ''} ${target?.specs ?? ''}`.toLowerCase();

/** Returns why hosts cannot run the action. Hosts that can are absent; `null` while unknown. */
function useProblems(
  targets: ReadonlyMap<string, TargetSummary>,
  action: string | undefined,
): ReadonlyMap<string, string> | null {
  const { data } = useQuery(runnersQuery(useBoonerClient()));
  const { runDenial } = useAccess();
  if (data === undefined) return null;
  const runners = new Map(data.map((runner) => [runner.host, runner]));
  const problems = new Map<string, string>();
  for (const [host, { status }] of targets) {
    const problem =
      runDenial(host, action) === null
        ? whyNotHere({ status, runner: runners.get(host), action })
        : 'not allowed';
    if (problem !== null) problems.set(host, problem);
  }
  return problems;
}

/** Hosts of the known tasks, most recent task first. */
function useHostsWithTasks(): readonly string[] {
  const { tasks } = useBoonerClient();
  const all = useSyncExternalStore(tasks.subscribe, () => tasks.getSnapshot().tasks);
  return useMemo(() => {
    const newestFirst = [...all.values()].sort((a, b) => b.createdAtMs - a.createdAtMs);
    return [...new Set(newestFirst.filter(({ external }) => !external).map(({ host }) => host))];
  }, [all]);
}
