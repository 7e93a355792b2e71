import { Link } from '@tanstack/react-router';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

export function NotFound() {
  return (
    <EmptyState title="There is no such page" isPage>
      <p className="mb-4">The link may be mistyped, or from another version of the dashboard.</p>
      <Link to="/" className={buttonClass('primary')}>
        To the fleet
      </Link>
    </EmptyState>
  );
}
