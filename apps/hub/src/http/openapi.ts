import { PROBLEM_MEDIA_TYPE, problemSchema } from '@booner/protocol';
import { createRoute, z } from '@hono/zod-openapi';
import type { AccessRule, Answer, Route } from './route.ts';

export const jsonAnswer = (description: string, schema: z.ZodType): Answer => ({
  description,
  content: { 'application/json': { schema } },
});

export const textAnswer = (description: string, mediaType = 'text/plain'): Answer => ({
  description,
  content: { [mediaType]: { schema: z.string() } },
});

const problemBody = { [PROBLEM_MEDIA_TYPE]: { schema: problemSchema.extend({}).openapi('Problem') } };
const problemAnswer = (description: string): Answer => ({ description, content: problemBody });

/** Problem of every route that needs the bus. */
export const BUS_UNAVAILABLE = {
  503: 'Redis is unreachable, slow or full. Retry after the seconds in `Retry-After`.',
} as const;

/** Security schemes of the OpenAPI document. */
export const SECURITY_SCHEMES = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A token, such as `bnr_…`' },
} as const;

/** A route in the notation of Hono, such as `/tasks/:id`. */
export const routingPath = (route: Route): string =>
  createRoute({ method: route.method, path: route.path, responses: {} }).getRoutingPath();

/**
 * Allows `null` beside a schema that the OpenAPI document shows in a form of its own, which
 * `.nullable()` would not change.
 */
export const orNull = <Schema extends z.ZodType>(schema: Schema) => z.union([schema, z.null()]);

/**
 * Describes a route for the OpenAPI document.
 * @param authRequired false: the hub also serves requests without a credential
 */
export function describeRoute(route: Route, authRequired: boolean) {
  const { method, path, access, tag, summary = '', description = '', request = {} } = route;
  const { params, query, headers, body, allowEmptyBody = false } = request;
  const errors = { ...errorsOfAccess(access), ...errorsOfRequest(request), ...route.errors };
  const problems = Object.entries(errors).map(([status, text]) => [status, problemAnswer(text)] as const);
  return createRoute({
    method,
    path,
    operationId: operationId(method, path),
    summary,
    ...(description && { description }),
    ...(tag && { tags: [tag] }),
    security: access.role === null ? [] : [...(authRequired ? [] : [{}]), { bearer: [] }],
    request: {
      ...(params && { params }),
      ...(query && { query: query as z.ZodObject }),
      ...(headers && { headers }),
      ...(body && {
        body: { required: !allowEmptyBody, content: { 'application/json': { schema: body } } },
      }),
    },
    responses: { ...Object.fromEntries(problems), ...route.responses },
  });
}

type Errors = NonNullable<Route['errors']>;

const FOREIGN = 'The `Host` or `Origin` of the request is not one of this hub.';

function errorsOfAccess({ role }: AccessRule): Errors {
  if (role === null) return { 403: FOREIGN };
  return {
    401: 'You are not signed in, or your token or session has expired or was revoked.',
    429: 'Your address sent too many invalid credentials. Retry after the seconds in `Retry-After`.',
    403: `Your token or session may not do this: it needs the role \`${role}\`. Or: ${FOREIGN}`,
    ...BUS_UNAVAILABLE,
  };
}

function errorsOfRequest({ query, body }: NonNullable<Route['request']>): Errors {
  const invalid = { 400: 'The request is invalid. `errors` names each field.' };
  if (body === undefined) return query === undefined ? {} : invalid;
  return { ...invalid, 413: 'The body is too large.', 415: 'The body is not `application/json`.' };
}

/** A name for generated clients, such as `getTargetsByHostHistory`. */
const operationId = (method: string, path: string): string =>
  method +
  path
    .replaceAll('{', 'by-')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

type Bounds = { readonly minimum: number; readonly maximum?: number; readonly default: number };

const boundedNumber = ({ minimum, maximum = Number.MAX_SAFE_INTEGER }: Bounds) =>
  z.coerce.number().pipe(z.int().min(minimum).max(maximum));

/** A whole number in a query, with its bounds in the OpenAPI document. */
export const wholeNumber = (bounds: Bounds) =>
  boundedNumber(bounds)
    .default(bounds.default)
    .openapi({ type: 'integer', maximum: Number.MAX_SAFE_INTEGER, ...bounds });

/** A {@link wholeNumber} whose default the handler applies, since absence has a meaning. */
export const optionalWholeNumber = (bounds: Bounds) =>
  boundedNumber(bounds)
    .optional()
    .openapi({ type: 'integer', maximum: Number.MAX_SAFE_INTEGER, ...bounds });
