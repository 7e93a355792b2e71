import { hashSecret } from '@booner/bus/secrets';
import { HOOK_PREFIX, type StoredHook } from '@booner/protocol';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AuditLog } from '../access/audit-log.ts';
import { clientAddress } from '../http/client-address.ts';
import { JSON_MEDIA_TYPE, readBytes } from '../http/json-body.ts';
import { BUS_UNAVAILABLE, jsonAnswer } from '../http/openapi.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import type { Deliver, Delivered } from './deliver.ts';
import { DELIVERIES, type HookLimits, PER_SECONDS } from './hook-limits.ts';
import { deliveredBody } from './hook-schemas.ts';
import { type HookSecrets, newSigningSecret } from './hook-secrets.ts';
import type { KnownHooks } from './known-hooks.ts';
import { deliveryIdOf, proveDelivery } from './prove-delivery.ts';

export type HookDeliveryRoutesDeps = {
  readonly hooks: Pick<KnownHooks, 'byKey'>;
  readonly secrets: Pick<HookSecrets, 'open'>;
  readonly limits: HookLimits;
  readonly deliver: Deliver;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly nowMs: () => number;
};

/** Largest payload. */
const MAX_BODY_KIB = 256;
/** Stands for a hook that does not exist, so that its deliveries take as long as others. */
const NO_HOOK = { secret: newSigningSecret(), auth: 'signature' } as const;

const signatureHeaders = z.object({
  'X-Hub-Signature-256': z.string().optional().openapi({
    description: '`sha256=` and the HMAC-SHA256 of the body in hexadecimal, as GitHub sends it',
  }),
  'webhook-signature': z.string().optional().openapi({
    description:
      '`v1,` and a signature with `webhook-id` and `webhook-timestamp`, as Standard Webhooks has it',
  }),
  'Idempotency-Key': z.string().optional().openapi({
    description: 'Id of the delivery: 1 to 255 visible ASCII characters. Default: the digest of the body',
  }),
});

const deliverRoute = route({
  method: 'post',
  path: '/hooks/{name}',
  access: { role: null, maxBodyKib: MAX_BODY_KIB },
  summary: 'Deliver an event to a hook',
  description:
    'The last part of the path is the key of the hook. The body is JSON of at most 256 KiB, and a header proves ' +
    'that the sender knows the secret. A delivery starts one rollout, however often it is sent.',
  tag: 'hooks',
  request: {
    params: z.object({
      name: z.string().openapi({ description: 'The key', example: `${HOOK_PREFIX}${'0'.repeat(43)}` }),
    }),
    headers: signatureHeaders,
  },
  responses: {
    200: jsonAnswer('It was ignored: it does not have the values that the hook demands', deliveredBody),
    202: jsonAnswer('Its rollout, which it started now or before', deliveredBody),
  },
  errors: {
    400: 'The body is no JSON, or the id of the delivery is invalid',
    401: 'Unknown key, or no valid signature',
    403: 'The owner of the hook may not start this. Or: the `Host` or `Origin` of the request is not one of this hub.',
    409: 'The hook is paused',
    413: 'The body is too large.',
    415: 'The body is not `application/json`.',
    422: 'The payload lacks a field, or no target can run the action',
    429: 'Too many deliveries, or your address sent too many invalid ones. Retry after the seconds in `Retry-After`.',
    ...BUS_UNAVAILABLE,
  },
});

/** Deliveries from outside, by which hooks start rollouts. */
export function hookDeliveryRoutes(deps: HookDeliveryRoutesDeps): Routes {
  const { hooks, secrets, limits, deliver, audit, nowMs } = deps;

  /** Answers 401 alike, whether the key or the signature is wrong. */
  const refuse = async (c: Context, hook: StoredHook | null): Promise<Response> => {
    const address = clientAddress(c);
    if (hook !== null) {
      const event = { principal: null, address, verb: 'hook.deliver', target: hook.name };
      audit.record({ ...event, detail: 'no valid signature', verdict: 'denied' });
    }
    const waitMs = await limits.fail(hook?.name ?? null, address);
    return waitMs === null ? notAuthentic(c) : tooMany(c, waitMs);
  };

  return [
    serve(deliverRoute, async (c) => {
      const read = await hooks.byKey(hashSecret(c.req.param('name') ?? ''));
      const hook = read?.record ?? null;
      const waitMs = await limits.admit(hook?.name ?? null, clientAddress(c));
      if (waitMs !== null) return tooMany(c, waitMs);
      const opened = hook === null ? null : await secrets.open(hook);
      if (opened?.ok === false) {
        const detail = 'This hub cannot check deliveries of this hook. GET /hooks says why.';
        return problem(c, 503, 'Hook cannot be used', detail);
      }
      const bytes = await readBytes(c);
      if (bytes === null) return refuse(c, hook); // incomplete, so nothing can prove it
      const received = {
        header: (name: string) => c.req.header(name),
        body: new Uint8Array(bytes),
        nowMs: nowMs(),
      };
      const expected =
        hook === null || opened === null ? NO_HOOK : { secret: opened.secret, auth: hook.hook.auth };
      const proof = proveDelivery(received, expected);
      if (read === null || proof === null) return refuse(c, hook);

      const id = deliveryIdOf(received, proof);
      if (id === null) {
        const detail = 'The id of a delivery must be 1 to 255 visible ASCII characters.';
        return problem(c, 400, 'Invalid delivery id', detail);
      }
      const payload = parsePayload(c, bytes);
      if (payload instanceof Response) return payload;
      return answer(c, await deliver(read, { id, payload: payload.value, address: clientAddress(c) }));
    }),
  ];
}

/**
 * Parses a payload. It may hold what {@link readJsonBody} refuses, such as large numbers, since
 * most of it is not used.
 */
function parsePayload(c: Context, bytes: ArrayBuffer): { readonly value: unknown } | Response {
  const contentType = c.req.header('content-type') ?? '';
  if (!JSON_MEDIA_TYPE.test(contentType)) {
    const detail = 'The body must be JSON. Choose the content type application/json at the sender.';
    return problem(c, 415, 'Unsupported media type', detail);
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return problem(c, 400, 'Invalid request body', 'The body is not valid JSON in UTF-8.');
  }
}

function answer(c: Context, delivered: Delivered): Response {
  switch (delivered.type) {
    case 'started':
    case 'replayed': {
      const { type: outcome, rolloutId } = delivered;
      c.header('location', `/rollouts/${rolloutId}`);
      return c.json({ outcome, rollout_id: rolloutId }, 202);
    }
    case 'ignored':
      return c.json({ outcome: 'ignored', rollout_id: null }, 200);
    case 'refused': {
      const { status, detail, isOfPayload } = delivered;
      if (status === 429) c.header('retry-after', `${PER_SECONDS}`);
      // Names of targets and actions are for those who may read the hook.
      const said = isOfPayload ? sentence(detail) : 'The hook started nothing. GET /hooks says why.';
      return problem(c, status, 'Delivery refused', said);
    }
    default:
      return delivered satisfies never;
  }
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function notAuthentic(c: Context): Response {
  const detail =
    'No hook has this key, or the delivery is not signed with its secret. Check URL and secret at the sender.';
  return problem(c, 401, 'Not authentic', detail);
}

function tooMany(c: Context, waitMs: number): Response {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  c.header('retry-after', `${seconds}`);
  const detail = `A hook accepts ${DELIVERIES} deliveries in ${PER_SECONDS} s, and few that are not authentic. Try again in ${seconds} s.`;
  return problem(c, 429, 'Too many deliveries', detail);
}
