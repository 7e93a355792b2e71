import { Combobox } from '@base-ui/react/combobox';
import type { TargetSummary } from '@booner/protocol';
import { useBoonerClient, useTargets } from '@booner/react';
import { Check, ChevronDown } from 'lucide-react';
import { useId, useMemo, useSyncExternalStore } from 'react';
import { fieldClass } from '../ui/field-classes.ts';
import { StatusWord } from '../ui/status-word.tsx';

/** Maximum number of hosts in the list. Typing finds the others. */
const MAX_SHOWN = 100;

export type TargetPickerProps = {
  readonly host: string | undefined;
  readonly onChange: (host: string | undefined) => void;
};

/**
 * Selects a target by host or label. Hosts with tasks come first, since they have or had a runner.
 */
export function TargetPicker({ host, onChange }: TargetPickerProps) {
  const id = useId();
  const { targets } = useTargets();
  const withTasks = useHostsWithTasks();
  const byHost = useMemo(() => new Map(targets.map((target) => [target.host as string, target])), [targets]);
  const hosts = useMemo(
    () => [...new Set([...withTasks, ...(host === undefined ? [] : [host]), ...byHost.keys()])],
    [withTasks, host, byHost],
  );
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
              {(each: string) => <HostItem key={each} host={each} target={byHost.get(each)} />}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

function HostItem({ host, target }: { readonly host: string; readonly target: TargetSummary | undefined }) {
  return (
    <Combobox.Item
      value={host}
      className="flex min-h-9 items-center gap-2 rounded-md px-2 select-none data-highlighted:bg-raised pointer-coarse:min-h-11"
    >
      <span className="w-3.5 shrink-0">
        {target !== undefined && <StatusWord status={target.status} isShort />}
      </span>
      <span className="shrink-0">{host}</span>
      <span className="min-w-0 flex-1 truncate text-sm text-muted">{target?.label ?? target?.specs}</span>
      <Combobox.ItemIndicator>
        <Check size={16} aria-hidden="true" />
      </Combobox.ItemIndicator>
    </Combobox.Item>
  );
}

const textOf = (host: string, target: TargetSummary | undefined): string =>
  `${host} ${target?.label ?? ''} ${target?.specs ?? ''}`.toLowerCase();

/** Hosts of the known tasks, most recent task first. */
function useHostsWithTasks(): readonly string[] {
  const { tasks } = useBoonerClient();
  const all = useSyncExternalStore(tasks.subscribe, () => tasks.getSnapshot().tasks);
  return useMemo(() => {
    const newestFirst = [...all.values()].sort((a, b) => b.createdAtMs - a.createdAtMs);
    return [...new Set(newestFirst.filter(({ external }) => !external).map(({ host }) => host))];
  }, [all]);
}
