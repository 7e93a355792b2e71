/** Before the 43 characters of every credential that a person or a program holds, so that secret scanners find it. */
export const CREDENTIAL_PREFIX = 'bnr_';
/** Before those of a key that enrols one host. */
export const ENROLMENT_PREFIX = 'bne_';
/** Before those of a ticket: the text is offered as a WebSocket subprotocol, whose alphabet has no colon. */
export const TICKET_PREFIX = 'ticket.';

export type SecretPrefix = typeof CREDENTIAL_PREFIX | typeof ENROLMENT_PREFIX | typeof TICKET_PREFIX;

/** 32 bytes in base64url. */
const RANDOM_PART = /^[\w-]{43}$/;

/** Whether a text has the form of a secret with this prefix. Says nothing of whether there is such a one. */
export const isSecretText = (text: string, prefix: SecretPrefix): boolean =>
  text.startsWith(prefix) && RANDOM_PART.test(text.slice(prefix.length));
