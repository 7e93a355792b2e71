import { useRouter, useRouterState } from '@tanstack/react-router';
import { Pencil, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { IconButton } from '../ui/button.tsx';
import { NameForm } from './name-form.tsx';
import { findNameIssue, type SavedView, VIEW_PATHS, type ViewPage } from './saved-views.ts';
import { changeSavedViews, useSavedViews } from './use-saved-views.ts';

/** The saved views of a page: opens, renames and removes them, and saves the current one. */
export function SavedViewsPanel({ page }: { readonly page: ViewPage }) {
  const all = useSavedViews();
  const views = all.filter((view) => view.page === page);
  const current = useRouterState({ select: ({ location }) => location.searchStr });
  const [renamed, setRenamed] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  /** The control that had the focus is gone. */
  const keepFocus = () => box.current?.focus();
  const issueOf = (name: string) => findNameIssue(all, page, name);
  return (
    <div ref={box} tabIndex={-1} className="flex flex-col gap-2 outline-none">
      {views.length === 0 ? (
        <p className="px-2 text-sm text-muted">
          Save the search, filters and order of this page under a name. Views are kept in this browser.
        </p>
      ) : (
        <ul aria-label="Saved views">
          {views.map((view) =>
            view.name === renamed ? (
              <li key={view.name} className="px-2 py-1">
                <NameForm
                  label={`New name of ${view.name}`}
                  verb="Rename"
                  initial={view.name}
                  takesFocus
                  issueOf={(name) => (name === view.name ? null : issueOf(name))}
                  onName={(name) => {
                    changeSavedViews({ type: 'rename', view, name });
                    setRenamed(null);
                    keepFocus();
                  }}
                />
              </li>
            ) : (
              <ViewItem
                key={view.name}
                view={view}
                isCurrent={view.search === current}
                onRename={() => setRenamed(view.name)}
                onRemove={() => {
                  changeSavedViews({ type: 'remove', view });
                  keepFocus();
                }}
              />
            ),
          )}
        </ul>
      )}
      <div className="border-t border-line px-2 pt-2 pb-1">
        <NameForm
          label="Name of the current view"
          verb="Save"
          issueOf={issueOf}
          onName={(name) => changeSavedViews({ type: 'save', view: { page, name, search: current } })}
        />
      </div>
    </div>
  );
}

type ViewItemProps = {
  readonly view: SavedView;
  readonly isCurrent: boolean;
  readonly onRename: () => void;
  readonly onRemove: () => void;
};

function ViewItem({ view: { page, name, search }, isCurrent, onRename, onRemove }: ViewItemProps) {
  const router = useRouter();
  const path = `${VIEW_PATHS[page]}${search}`;
  return (
    <li className="flex items-center rounded-md hover:bg-raised">
      <a
        href={path}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab or window
          event.preventDefault();
          event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
          router.history.push(path);
        }}
        className="flex h-8 min-w-0 flex-1 items-center px-2 aria-[current=page]:font-semibold pointer-coarse:h-10"
      >
        <span className="truncate" title={name}>
          {name}
        </span>
      </a>
      <IconButton label={`Rename ${name}`} onClick={onRename}>
        <Pencil size={16} aria-hidden="true" />
      </IconButton>
      <IconButton label={`Remove ${name}`} onClick={onRemove}>
        <X size={16} aria-hidden="true" />
      </IconButton>
    </li>
  );
}
