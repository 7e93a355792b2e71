import { type HostId, hostIdSchema, parseHostId } from '@booner/protocol';
import { HOST_ID_RULE } from '@booner/protocol/host-id';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { invalidRequest } from '../http/json-body.ts';
import { problem } from '../http/problem.ts';
import { SHOWN_HOST } from '../http/shown-values.ts';

/** A host id in the OpenAPI document. */
export const hostSchema = hostIdSchema.meta(SHOWN_HOST).openapi('HostId');

/** Parameters of paths with `{host}`; {@link hostFromPath} parses them. */
export const hostParams = z.object({ host: hostSchema });

/** Problems of routes with `{host}` that fail for unregistered hosts. */
export const HOST_ERRORS = { 400: 'Invalid host', 404: 'No such target' } as const;

/** Parses the host of a path. @returns the answer to an invalid one instead: 400 */
export function hostFromPath(c: Context): HostId | Response {
  const host = parseHostId(c.req.param('host') ?? '');
  return (
    host ?? invalidRequest(c, 400, 'Invalid host', [{ pointer: '/host', detail: `must be ${HOST_ID_RULE}` }])
  );
}

/** The answer when a host is not a target: 404. @param pointer names the host in the request */
export const noSuchTarget = (c: Context, host: HostId, pointer = '/host'): Response =>
  problem(c, 404, 'No such target', `No target is registered as ${host}. GET /targets lists all targets.`, [
    { pointer, detail: 'is not a registered target' },
  ]);
