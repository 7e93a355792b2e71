import { Link } from '@tanstack/react-router';

const navClass =
  'inline-flex h-8 items-center rounded-md px-3 text-muted hover:text-ink pointer-coarse:h-10 data-[status=active]:bg-raised data-[status=active]:text-ink';

export function Header() {
  return (
    <header className="sticky top-0 z-30 border-b border-line bg-panel">
      <div className="mx-auto flex h-12 max-w-[1600px] items-center gap-2 px-4">
        <Link to="/" className="mr-2 font-semibold">
          Booner
        </Link>
        <nav aria-label="Views" className="flex gap-1">
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }} className={navClass}>
            Fleet
          </Link>
          <Link to="/dashboard/tasks" activeOptions={{ includeSearch: false }} className={navClass}>
            Tasks
          </Link>
        </nav>
      </div>
    </header>
  );
}
