import { Bookmark } from 'lucide-react';
import { lazy } from 'react';
import { buttonClass } from '../ui/button.tsx';
import { LazyPart } from '../ui/lazy-part.tsx';
import { Popover } from '../ui/popover.tsx';
import type { ViewPage } from './saved-views.ts';

const SavedViewsPanel = lazy(async () => ({
  default: (await import('./saved-views-panel.tsx')).SavedViewsPanel,
}));

/** Opens the views of a page that were saved in this browser. */
export const SavedViewsButton = ({ page }: { readonly page: ViewPage }) => (
  <Popover
    label="Saved views"
    triggerLabel="Saved views"
    trigger={<Bookmark size={16} aria-hidden="true" />}
    triggerClassName={buttonClass('plain', 'w-8 px-0! text-muted pointer-coarse:w-10')}
    widthPx={320}
    className="p-2"
  >
    <LazyPart>
      <SavedViewsPanel page={page} />
    </LazyPart>
  </Popover>
);
