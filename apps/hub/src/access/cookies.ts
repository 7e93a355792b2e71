import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions, CookiePrefixOptions } from 'hono/utils/cookie';
import { clientOf } from '../http/client-address.ts';

/**
 * A cookie of this hub that scripts cannot read. Over TLS its name has the prefix `__Host-`: no
 * plain HTTP page and no other host of the domain can set such a cookie, so nobody can put another
 * in its place (RFC 6265bis section 4.1.3.2). Without TLS browsers refuse that prefix.
 */
export type HubCookie = { readonly name: string; readonly sameSite: 'Strict' | 'Lax' };

export const readCookie = (c: Context, { name }: HubCookie): string | undefined =>
  getCookie(c, name, prefixOf(c));

export const writeCookie = (c: Context, cookie: HubCookie, value: string, maxAgeS: number): void =>
  setCookie(c, cookie.name, value, { ...attributesOf(c, cookie), maxAge: maxAgeS });

export const clearCookie = (c: Context, cookie: HubCookie): void =>
  void deleteCookie(c, cookie.name, attributesOf(c, cookie));

const isOverTls = (c: Context): boolean => clientOf(c).protocol === 'https';

const prefixOf = (c: Context): CookiePrefixOptions | undefined => (isOverTls(c) ? 'host' : undefined);

const attributesOf = (c: Context, { sameSite }: HubCookie): CookieOptions =>
  isOverTls(c)
    ? { httpOnly: true, sameSite, path: '/', secure: true, prefix: 'host' }
    : { httpOnly: true, sameSite, path: '/' };
