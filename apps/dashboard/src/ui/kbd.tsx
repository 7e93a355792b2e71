import type { ReactNode } from 'react';

/** A key to press. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="inline-block min-w-5 rounded-sm border border-line bg-raised px-1 text-center font-sans text-xs leading-[18px] text-ink">
      {children}
    </kbd>
  );
}
