import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { SIGN_IN_PATH } from './sign-in-search.ts';

let isLeaving = false;

/** The page is about to be left, so it ignores that its session ends. */
export const isSigningOut = (): boolean => isLeaving;

/** Signs out and reloads the page, so that nothing it showed stays in memory. */
export function useSignOut() {
  const client = useBoonerClient();
  return useMutation({
    mutationFn: async ({ everywhere }: { readonly everywhere: boolean }) => {
      isLeaving = true;
      await client.signOut({ everywhere });
    },
    onSuccess: (_, { everywhere }) =>
      location.assign(`${SIGN_IN_PATH}?reason=${everywhere ? 'signed-out-everywhere' : 'signed-out'}`),
    onError: () => {
      isLeaving = false;
    },
  });
}
