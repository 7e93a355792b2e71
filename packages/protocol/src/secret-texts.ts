/**
 * Prefix of every credential held by a person or program, followed by 43 characters. Lets secret
 * scanners find it.
 */
export const CREDENTIAL_PREFIX = 'bnr_';
/** Prefix of a key that enrols one host. */
export const ENROLMENT_PREFIX = 'bne_';
/** Prefix of a link that acknowledges an alert, once. */
export const ALERT_LINK_PREFIX = 'bna_';
/** Prefix of a key that a job reports its heartbeats with. */
export const HEARTBEAT_PREFIX = 'bnh_';
/** Prefix of the key in the URL of a hook. */
export const HOOK_PREFIX = 'bnk_';
/** Prefix of a secret that signs deliveries, as Standard Webhooks has it. */
export const SIGNING_PREFIX = 'whsec_';
/** Prefix of a ticket, which is offered as a WebSocket subprotocol, whose alphabet has no colon. */
export const TICKET_PREFIX = 'ticket.';

export type SecretPrefix =
  | typeof CREDENTIAL_PREFIX
  | typeof ENROLMENT_PREFIX
  | typeof ALERT_LINK_PREFIX
  | typeof HEARTBEAT_PREFIX
  | typeof HOOK_PREFIX
  | typeof TICKET_PREFIX;

/** 32 bytes in base64url. */
const RANDOM_PART = /^[\w-]{43}$/;

/** Returns true if a text has the form of a secret with this prefix. It may still be unknown. */
export const isSecretText = (text: string, prefix: SecretPrefix): boolean =>
  text.startsWith(prefix) && RANDOM_PART.test(text.slice(prefix.length));

const SECRET = /\b(?:(bn[a-z]_|ticket\.)[\w-]+|(whsec_)[\w+/=]+)/g;

/** Hides secrets in a text for a log, such as the path of a request. Shortened ones, too. */
export const hideSecrets = (text: string): string => text.replaceAll(SECRET, '$1$2[redacted]');
