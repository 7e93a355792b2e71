import { useBoonerClient } from '@booner/react';
import { useMutation } from '@tanstack/react-query';
import { SIGN_IN_PATH } from './sign-in-search.ts';

let isLeaving = false;

/** The page is about to go: that its session ends is no news. */
export const isSigningOut = (): boolean => isLeaving;

/** Signs out. The page is loaded anew, so that nothing of what it showed stays in its memory. */
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
