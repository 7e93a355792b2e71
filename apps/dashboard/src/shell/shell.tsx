import { CSPProvider } from '@base-ui/react/csp-provider';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, useEffect, useState } from 'react';
import { AddHost } from '../add-host/add-host.tsx';
import { RecordingBar } from '../history/recording-bar.tsx';
import { useIsStale } from '../live/use-is-stale.ts';
import { startTypeAhead, takeTypedAhead } from '../palette/type-ahead.ts';
import { LazyPart } from '../ui/lazy-part.tsx';
import { EndedTasks } from './ended-tasks.tsx';
import { Header } from './header.tsx';
import { PageTitle } from './page-title.tsx';
import { useFocusOnNavigation } from './use-focus-on-navigation.ts';
import { useShortcuts } from './use-shortcuts.ts';

const loadPalette = () => import('../palette/command-palette.tsx');
/** A failure is reported when the palette is needed. */
const loadPaletteEarly = () => void loadPalette().catch(() => undefined);
const CommandPalette = lazy(async () => ({ default: (await loadPalette()).CommandPalette }));
const ShortcutHelp = lazy(async () => ({ default: (await import('./shortcut-help.tsx')).ShortcutHelp }));

const VIEW_PATHS = {
  fleet: '/',
  tasks: '/dashboard/tasks',
  rollouts: '/dashboard/rollouts',
  alerts: '/dashboard/alerts',
} as const;

/** Frame around every view. */
export function Shell() {
  useFocusOnNavigation();
  const palette = useLazyDialog();
  const help = useLazyDialog();
  const navigate = useNavigate();
  useOnFirstInput(loadPaletteEarly);
  const togglePalette = () => {
    if (palette.isOpen) takeTypedAhead();
    else startTypeAhead();
    palette.toggle();
  };
  useShortcuts({
    onPalette: togglePalette,
    onHelp: () => help.setOpen(true),
    onGoTo: (view) => void navigate({ to: VIEW_PATHS[view] }),
  });
  return (
    // The hub's Content-Security-Policy forbids components to add style elements.
    <CSPProvider disableStyleElements>
      <div className="flex min-h-dvh flex-col">
        <a
          href="#main"
          className="sr-only z-50 rounded-md bg-panel px-3 py-2 focus:not-sr-only focus:absolute focus:m-2"
        >
          Skip to content
        </a>
        <Header onSearch={() => palette.setOpen(true)} onSearchIntent={loadPaletteEarly} />
        <RecordingBar />
        <Main>
          <Outlet />
        </Main>
      </div>
      <PageTitle />
      <EndedTasks />
      <AddHost />
      {palette.isNeeded && (
        <LazyPart>
          <CommandPalette
            open={palette.isOpen}
            onOpenChange={palette.setOpen}
            onHelp={() => help.setOpen(true)}
          />
        </LazyPart>
      )}
      {help.isNeeded && (
        <LazyPart>
          <ShortcutHelp open={help.isOpen} onOpenChange={help.setOpen} />
        </LazyPart>
      )}
    </CSPProvider>
  );
}

/**
 * Container of the view. While its values are stale it has `data-stale="true"`: the style sheet
 * then dims everything with the class `live-value`, which views give to live data.
 */
function Main({ children }: { readonly children: ReactNode }) {
  return (
    <main
      id="main"
      tabIndex={-1}
      data-stale={useIsStale()}
      className="mx-auto w-full max-w-[1600px] flex-1 p-4 outline-none"
    >
      {children}
    </main>
  );
}

/**
 * Calls back at the first key or movement of the mouse, so that what needs code that is not there
 * yet, such as Ctrl-K, seldom waits for it.
 */
function useOnFirstInput(onInput: () => void) {
  useEffect(() => {
    const stop = new AbortController();
    const onFirst = () => {
      stop.abort();
      onInput();
    };
    for (const type of ['keydown', 'mousemove']) addEventListener(type, onFirst, { signal: stop.signal });
    return () => stop.abort();
  }, [onInput]);
}

/** A dialog whose code loads when it is first opened. */
function useLazyDialog() {
  const [isOpen, setIsOpen] = useState(false);
  const [isNeeded, setIsNeeded] = useState(false);
  const setOpen = (next: boolean) => {
    if (next) setIsNeeded(true);
    setIsOpen(next);
  };
  return { isOpen, isNeeded, setOpen, toggle: () => setOpen(!isOpen) };
}
