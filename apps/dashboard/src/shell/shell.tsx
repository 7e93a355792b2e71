import { Outlet } from '@tanstack/react-router';
import { Header } from './header.tsx';

/** What stands around every view. */
export function Shell() {
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-panel px-3 py-2 focus:not-sr-only focus:absolute focus:m-2"
      >
        To the content
      </a>
      <Header />
      <main id="main" tabIndex={-1} className="mx-auto w-full max-w-[1600px] flex-1 p-4 outline-none">
        <Outlet />
      </main>
    </div>
  );
}
