import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { type Access, accessOf } from './access.ts';
import { accessQuery } from './access-query.ts';

/** Who looks at this page, and what they may. */
export function useAccess(): Access {
  const { data } = useQuery(accessQuery(useBoonerClient()));
  return accessOf(data ?? null);
}
