import type { MiddlewareHandler } from 'hono';
import { ANYBODY } from '../access/principal.ts';

/** Grants the role admin to every request. */
export const allowAll: MiddlewareHandler = (c, next) => {
  c.set('principal', ANYBODY);
  return next();
};
