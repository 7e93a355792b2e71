import { useEffect } from 'react';
import { tellSignedIn } from './signed-in-news.ts';

/** View of a window that was opened only to sign in again. It closes itself if it may. */
export function SignedInView() {
  useEffect(() => {
    document.title = 'Signed in · Booner';
    tellSignedIn();
    window.close();
  }, []);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-2 p-4 pb-[12dvh]">
      <h1 className="text-xl font-semibold">Signed in</h1>
      <p className="text-muted">You can close this window and continue in the other one.</p>
    </main>
  );
}
