import { EmptyState } from '../ui/empty-state.tsx';

/** Replaces a view of the history on hubs without one. */
export function HistoryOff({ title }: { readonly title: string }) {
  return (
    <EmptyState title={title} isPage>
      This hub keeps the last 15 minutes only, because <code>BOONER_HISTORY_DIR</code> is off. Set it to a
      folder, and restart the hub.
    </EmptyState>
  );
}
