import type { ReactNode } from 'react';

/** Two fields side by side; one below the other on a phone. */
export const FieldPair = ({ children }: { readonly children: ReactNode }) => (
  <div className="grid items-start gap-4 sm:grid-cols-2">{children}</div>
);
