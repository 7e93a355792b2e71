import { Link } from '@tanstack/react-router';
import { buttonClass } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

export function NotFound() {
  return (
    <EmptyState title="Page not found" isPage>
      <p className="mb-4">The link may be mistyped or from another version of the dashboard.</p>
      <Link to="/" className={buttonClass('primary')}>
        Go to the fleet
      </Link>
    </EmptyState>
  );
}
