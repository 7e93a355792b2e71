import * as z from 'zod/mini';

export const SIGN_IN_PATH = '/dashboard/sign-in';

export const signInSearchSchema = z.object({
  /** Path of this page to continue to. */
  return: z.catch(z.optional(z.string()), undefined),
  /** Reason why a signed-in user arrived here. */
  reason: z.catch(z.optional(z.enum(['ended', 'signed-out', 'signed-out-everywhere'])), undefined),
});
export type SignInSearch = z.infer<typeof signInSearchSchema>;

/**
 * Returns a path of this dashboard with its query. Other addresses, and the sign-in view, become
 * the fleet.
 */
export function safeReturn(wanted: string | undefined, origin: string): string {
  const url = wanted?.startsWith('/') ? URL.parse(wanted, origin) : null;
  if (url === null || url.origin !== origin || url.pathname.startsWith('//')) return '/';
  return url.pathname === SIGN_IN_PATH ? '/' : `${url.pathname}${url.search}${url.hash}`;
}
