import { HOST_ID_PATTERN, MAX_HOST_ID_CHARACTERS } from '@booner/protocol';

// Values as the OpenAPI document shows them. Patterns spell out their alphabets, because `\w` and
// `\d` match more than ASCII in some validators.

export const SHOWN_HOST = {
  type: 'string',
  description: 'IP address or host name',
  example: '10.0.0.2',
  maxLength: MAX_HOST_ID_CHARACTERS,
  pattern: HOST_ID_PATTERN,
} as const;

export const SHOWN_TASK_ID = {
  type: 'string',
  example: 'V1StGXR8_Z5jdHi6B-myT',
  pattern: '^[A-Za-z0-9_-]{21}$',
} as const;

export const SHOWN_CREDENTIAL_ID = {
  type: 'string',
  example: 'V1StGXR8_Z5j',
  pattern: '^[A-Za-z0-9_-]{12}$',
} as const;

/** A position in the task stream or in the audit log. */
export const SHOWN_CURSOR = {
  type: 'string',
  example: '1732345678901-0',
  pattern: '^[0-9]{1,19}-[0-9]{1,19}$',
} as const;

/** A secret with a prefix, such as `bnr_`. */
export const shownSecret = (prefix: string) =>
  ({
    type: 'string',
    example: `${prefix}${'0'.repeat(43)}`,
    pattern: `^${prefix.replace('.', '[.]')}[A-Za-z0-9_-]{43}$`,
  }) as const;
