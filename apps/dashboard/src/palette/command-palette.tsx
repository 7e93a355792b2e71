import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { useBoonerClient } from '@booner/react';
import { useRouter } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useAccess } from '../access/use-access.ts';
import { askForHost } from '../add-host/asked-host.ts';
import { SeverityWord } from '../alerts/severity-word.tsx';
import { useOpenAlerts } from '../alerts/use-open-alerts.ts';
import { Kbd } from '../ui/kbd.tsx';
import { modalClasses } from '../ui/modal-classes.ts';
import { StatusWord } from '../ui/status-word.tsx';
import { setTheme } from '../ui/theme.ts';
import { type PaletteCommand, type PaletteGroup, type PaletteItem, paletteGroups } from './palette-items.ts';
import { takeTypedAhead } from './type-ahead.ts';
import { useKnownActions } from './use-known-actions.ts';

export type CommandPaletteProps = {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly onHelp: () => void;
};

/** Goes to any view or runs any command by a few letters. */
export function CommandPalette({ open, onOpenChange, onHelp }: CommandPaletteProps) {
  const hasLeft = useRef(false);
  const choose = (goesElsewhere: boolean) => {
    hasLeft.current = goesElsewhere;
    onOpenChange(false);
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={modalClasses.backdrop} />
        <Dialog.Viewport className={modalClasses.viewport}>
          <Dialog.Popup
            aria-label="Command palette"
            // The target view has taken the focus.
            finalFocus={() => {
              const isKept = hasLeft.current;
              hasLeft.current = false;
              return !isKept;
            }}
            className={`${modalClasses.popup} max-w-xl`}
          >
            <Commands onChoose={choose} onHelp={onHelp} />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/**
 * Lives while the palette is open. Fleet and tasks keep their state from when it opened, so that
 * nothing moves under the pointer.
 */
function Commands({
  onChoose,
  onHelp,
}: {
  readonly onChoose: (goesElsewhere: boolean) => void;
  readonly onHelp: () => void;
}) {
  const client = useBoonerClient();
  const router = useRouter();
  const [query, setQuery] = useState('');
  const [targets] = useState(() => [...(client.fleet.getSnapshot()?.targets.values() ?? [])]);
  const [tasks] = useState(() => [...client.tasks.getSnapshot().tasks.values()]);
  const open = useOpenAlerts();
  const [alerts] = useState(() => open ?? []);
  const actions = useKnownActions(query, targets, tasks);
  const { signedIn, may } = useAccess();
  const mayRun = may('operator');
  const mayAddHosts = may('admin');
  const isAdmin = signedIn?.role === 'admin';
  const groups = useMemo(
    () => paletteGroups(query, { targets, tasks, alerts, actions, rights: { mayRun, mayAddHosts, isAdmin } }),
    [query, targets, tasks, alerts, actions, mayRun, mayAddHosts, isAdmin],
  );

  const commands: Readonly<Record<PaletteCommand, () => void>> = {
    'theme-system': () => setTheme('system'),
    'theme-light': () => setTheme('light'),
    'theme-dark': () => setTheme('dark'),
    reconnect: () => client.reconnect(),
    shortcuts: onHelp,
    'add-host': () => askForHost(''),
  };
  const activate = (item: PaletteItem) => {
    onChoose(item.href !== undefined || item.command === 'shortcuts' || item.command === 'add-host');
    if (item.href !== undefined) router.history.push(item.href);
    else commands[item.command]();
  };

  return (
    <Autocomplete.Root
      open
      inline
      items={groups as PaletteGroup[]}
      filter={null}
      value={query}
      onValueChange={(value, { reason }) => {
        if (reason !== 'item-press') setQuery(value);
      }}
      itemToStringValue={(item: PaletteItem) => item.label}
      autoHighlight="always"
      keepHighlight
    >
      <div className="flex items-center gap-2 border-b border-line px-4">
        <Search size={18} aria-hidden="true" className="shrink-0 text-muted" />
        <Autocomplete.Input
          aria-label="Search targets, tasks, actions and commands"
          onFocus={() => {
            const text = takeTypedAhead();
            if (text !== '') setQuery((before) => before + text);
          }}
          placeholder="Host, label, task or action"
          className="h-12 w-full min-w-0 bg-transparent text-lg outline-none placeholder:text-muted"
        />
        <Dialog.Close className="rounded-md px-2 py-1 text-sm text-muted hover:bg-raised pointer-coarse:h-10">
          <span className="sr-only">Close the palette</span>
          <span aria-hidden="true">Esc</span>
        </Dialog.Close>
      </div>
      <Autocomplete.Empty>
        <p className="px-4 py-8 text-center text-muted">
          No results. Try part of a host name, a label or an action.
        </p>
      </Autocomplete.Empty>
      <Autocomplete.List className="max-h-[min(56dvh,28rem)] overflow-y-auto overscroll-contain p-2 data-empty:hidden">
        {(group: PaletteGroup) => (
          <Autocomplete.Group key={group.value} items={group.items} className="not-last:mb-2">
            <Autocomplete.GroupLabel className="px-2 py-1 text-xs text-muted">
              {group.value}
            </Autocomplete.GroupLabel>
            <Autocomplete.Collection>
              {(item: PaletteItem) => (
                <Autocomplete.Item
                  key={item.id}
                  value={item}
                  onClick={() => activate(item)}
                  className="flex min-h-9 scroll-my-2 items-center gap-3 rounded-md px-2 select-none data-highlighted:bg-raised pointer-coarse:min-h-11"
                >
                  {item.status !== undefined && <StatusWord status={item.status} isShort />}
                  {item.severity !== undefined && <SeverityWord severity={item.severity} />}
                  <span className="max-w-3/4 shrink-0 truncate max-sm:max-w-[60%]">{item.label}</span>
                  <span className="min-w-0 flex-1 truncate text-right text-sm text-muted">{item.detail}</span>
                </Autocomplete.Item>
              )}
            </Autocomplete.Collection>
          </Autocomplete.Group>
        )}
      </Autocomplete.List>
      <p className="flex gap-4 border-t border-line px-4 py-2 text-xs text-muted pointer-coarse:hidden">
        <span>
          <Kbd>↑</Kbd> <Kbd>↓</Kbd> choose
        </span>
        <span>
          <Kbd>Enter</Kbd> go
        </span>
        <span>
          <Kbd>Esc</Kbd> close
        </span>
        <span className="ml-auto">
          <Kbd>?</Kbd> in a view: all shortcuts
        </span>
      </p>
    </Autocomplete.Root>
  );
}
