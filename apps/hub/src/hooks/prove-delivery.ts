import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { hashSecret } from '@booner/bus/secrets';
import { type Hook, SIGNING_PREFIX } from '@booner/protocol';

/** Tolerated age of a signature, either way: as Standard Webhooks recommends. */
const TOLERANCE_SECONDS = 300;
const SHA256_HEX = /^sha256=([0-9a-f]{64})$/i;
const VERSION_1 = /^v1,([A-Za-z0-9+/]{43}=)$/;
/** Signatures of one delivery that are looked at: a sender that rotates its secret sends two. */
const MAX_SIGNATURES = 4;

export type ReceivedDelivery = {
  /** Returns a header by its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  /** Unix time. */
  readonly nowMs: number;
};

/** `signedId`: the delivery's id, if the signature covers it. */
export type Proof = { readonly signedId: string | null };

/**
 * Returns how a delivery proves that its sender knows the secret; `null`: it does not. Compares in
 * constant time.
 */
export function proveDelivery(
  delivery: ReceivedDelivery,
  { secret, auth }: { readonly secret: string; readonly auth: Hook['auth'] },
): Proof | null {
  if (isStandardSigned(delivery, secret)) return { signedId: delivery.header('webhook-id') ?? null };
  if (isHubSigned(delivery, secret)) return { signedId: null };
  return auth === 'token' && hasToken(delivery, secret) ? { signedId: null } : null;
}

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
function isHubSigned({ header, body }: ReceivedDelivery, secret: string): boolean {
  const given = SHA256_HEX.exec(header('x-hub-signature-256') ?? '')?.[1];
  if (given === undefined) return false;
  return timingSafeEqual(Buffer.from(given, 'hex'), createHmac('sha256', secret).update(body).digest());
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function isStandardSigned({ header, body, nowMs }: ReceivedDelivery, secret: string): boolean {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((part) =>
    header(`webhook-${part}`),
  );
  if (id === undefined || timestamp === undefined || signatures === undefined) return false;
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const given = signatures
    .split(' ')
    .slice(0, MAX_SIGNATURES)
    .flatMap((signature) => VERSION_1.exec(signature)?.[1] ?? []);
  if (given.length === 0) return false;
  const key = Buffer.from(secret.slice(SIGNING_PREFIX.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return given.some((signature) => timingSafeEqual(Buffer.from(signature, 'base64'), expected));
}

/** https://docs.gitlab.com/user/project/integrations/webhooks/ */
function hasToken({ header }: ReceivedDelivery, secret: string): boolean {
  const given = header('x-gitlab-token');
  if (given === undefined) return false;
  return timingSafeEqual(Buffer.from(hashSecret(given), 'hex'), Buffer.from(hashSecret(secret), 'hex'));
}

const ID_HEADERS = ['x-github-delivery', 'idempotency-key', 'x-gitlab-event-uuid', 'webhook-id'];
const ID = /^[!-~]{1,255}$/;

/**
 * Returns the id of a delivery: the one that its signature covers, or else what its sender gave it,
 * or else the digest of its body. `null`: its sender gave it an invalid one.
 */
export function deliveryIdOf(
  { header, body }: Pick<ReceivedDelivery, 'header' | 'body'>,
  { signedId }: Proof,
): string | null {
  const given = signedId ?? ID_HEADERS.map((name) => header(name)).find((id) => id !== undefined);
  if (given !== undefined) return ID.test(given) ? given : null;
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
