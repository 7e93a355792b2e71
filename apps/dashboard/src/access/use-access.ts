import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { type Access, accessOf } from './access.ts';
import { accessQuery } from './access-query.ts';

/** Returns the rights of the user of this page. */
export function useAccess(): Access {
  const { data } = useQuery(accessQuery(useBoonerClient()));
  return accessOf(data ?? null);
}
