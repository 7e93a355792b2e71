import type { ReactNode } from 'react';
import { EmptyState } from '../ui/empty-state.tsx';
import { useAccess } from './use-access.ts';

/** Shows a view to admins, and shows others why they cannot see it. */
export function AdminsOnly({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { may, signedIn } = useAccess();
  if (may('admin')) return children;
  return (
    <EmptyState title={`${title}: for admins`} isPage>
      You are signed in as {signedIn?.subject}, whose role is {signedIn?.role}. Ask an admin for a token with
      the role admin.
    </EmptyState>
  );
}
