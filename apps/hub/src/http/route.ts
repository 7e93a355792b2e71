import type { Role } from '@booner/protocol';
import type { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { invalidRequest, issuesOf, readJsonBody } from './json-body.ts';

/** Access rule of a route. */
export type AccessRule = {
  /** Least role that a request needs; `null`: the route is public. */
  readonly role: Role | null;
  /** Name under which the audit log records each request. Absent: requests are not recorded. */
  readonly verb?: string;
  /**
   * Counts answers 401 as failures of the address. Beyond the limit they become 429; requests that
   * succeed are served whatever else comes from their address.
   */
  readonly limited?: boolean;
  /**
   * Requires that the person of a session has proved who they are within the last 15 minutes. For
   * routes that create what outlives the session or allows more. Tokens are not affected.
   */
  readonly recent?: boolean;
  /** Largest body. Default: 256 KiB, and 4 KiB if the route is public. */
  readonly maxBodyKib?: number;
};

export const PUBLIC: AccessRule = { role: null };

/** An answer as the OpenAPI document describes it. */
export type Answer = {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: z.ZodType }>>;
};

/**
 * The one declaration of a route: the router, the access table and the OpenAPI document all derive
 * from it. A route without `responses` is not in the OpenAPI document.
 */
export type Route<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path in OpenAPI notation, such as `/tasks/{id}`. */
  readonly path: string;
  readonly access: AccessRule;
  readonly middleware?: readonly MiddlewareHandler[];
  readonly summary?: string;
  readonly description?: string;
  readonly tag?: string;
  readonly request?: {
    readonly params?: z.ZodObject;
    readonly query?: Query;
    readonly headers?: z.ZodObject;
    /** Schema of the JSON body. */
    readonly body?: Body;
    /** Treats an empty body as `{}`. */
    readonly allowEmptyBody?: boolean;
  };
  /** Answers by status. */
  readonly responses?: Readonly<Record<number, Answer>>;
  /**
   * Descriptions of problem answers by status. Those that follow from the access rule and from the
   * request's schemas are added.
   */
  readonly errors?: Readonly<Record<number, string>>;
};

/** Declares a route; {@link serve} attaches its handler. */
export const route = <Query extends z.ZodType = z.ZodUndefined, Body extends z.ZodType = z.ZodUndefined>(
  declaration: Route<Query, Body>,
): Route<Query, Body> => declaration;

export type ServedRoute = {
  readonly route: Route;
  readonly handler: (c: Context) => Response | Promise<Response>;
};

/** Routes of a feature, to be passed to `createApp`. */
export type Routes = readonly ServedRoute[];

/** A query and a body as parsed by the schemas of their route. */
export type ParsedRequest<Query extends z.ZodType, Body extends z.ZodType> = {
  readonly query: z.output<Query>;
  readonly body: z.output<Body>;
};

/**
 * Attaches a handler to a route. Query and body are parsed first; invalid ones are answered with
 * 400 or 415. The validators of `@hono/zod-openapi` are not used: {@link readJsonBody} is stricter
 * about JSON and points to each issue.
 */
export const serve = <Query extends z.ZodType, Body extends z.ZodType>(
  declared: Route<Query, Body>,
  handle: (c: Context, request: ParsedRequest<Query, Body>) => Response | Promise<Response>,
): ServedRoute => ({
  route: declared,
  handler: async (c) => {
    const { query: querySchema, body: bodySchema, allowEmptyBody = false } = declared.request ?? {};
    const query = querySchema?.safeParse(c.req.query());
    if (query?.success === false) return invalidRequest(c, 400, 'Invalid query', issuesOf(query.error));
    const body = bodySchema && (await readJsonBody(c, bodySchema, { allowEmpty: allowEmptyBody }));
    if (body instanceof Response) return body;
    return handle(c, { query: query?.data, body } as ParsedRequest<Query, Body>);
  },
});
