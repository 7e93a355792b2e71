import { luaText } from '../connection/lua-text.ts';
import { defineScript } from '../connection/run-script.ts';

/**
 * Scripts that change credentials. Each increments the version first. If Redis fails in between,
 * hubs read once more than needed; the other way round they would miss a change.
 */
const accessScript = (name: string, flags?: string) =>
  defineScript([luaText(`access/scripts/${name}`)], flags);

export const PUT_CREDENTIAL = accessScript('put-credential');
export const PUT_FIRST_CREDENTIAL = accessScript('put-first-credential');
export const RENEW_CREDENTIAL = accessScript('renew-credential');
export const REMOVE_CREDENTIALS = accessScript('remove-credentials', 'allow-oom');
export const TAKE_LINK = accessScript('take-link', 'allow-oom');
