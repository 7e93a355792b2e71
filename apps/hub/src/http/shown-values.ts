import {
  HOST_ID_PATTERN,
  MAX_HISTORY_HOSTS,
  MAX_HOST_ID_CHARACTERS,
  MAX_LABEL_VALUE_CHARACTERS,
  MAX_LABELS,
} from '@booner/protocol';
import { SYSTEM_KEYS } from '@booner/protocol/labels';

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
  pattern: '^(0|[1-9][0-9]{0,18})-(0|[1-9][0-9]{0,18})$',
} as const;

/** A secret with a prefix, such as `bnr_`. */
export const shownSecret = (prefix: string) =>
  ({
    type: 'string',
    example: `${prefix}${'0'.repeat(43)}`,
    pattern: `^${prefix.replace('.', '[.]')}[A-Za-z0-9_-]{43}$`,
  }) as const;

/** Host ids in a query. */
export const SHOWN_HOSTS = {
  type: 'string',
  example: '10.0.0.2,10.0.0.3',
  pattern: `^${HOST_ID_PATTERN.slice(1, -1)}(?:,${HOST_ID_PATTERN.slice(1, -1)}){0,${MAX_HISTORY_HOSTS - 1}}$`,
} as const;

/**
 * Characters that `isVisibleText` never accepts, as ranges of a regular expression. Spelled out, as
 * few dialects have these properties. It also rejects joiners outside the scripts that need them.
 */
export const INVISIBLE_RANGES =
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb' +
  ['1bca0-1bca3', '1d173-1d17a', 'e0000-e00ff', 'e01f0-e0fff']
    .map((range) =>
      range
        .split('-')
        .map((code) => String.fromCodePoint(Number.parseInt(code, 16)))
        .join('-'),
    )
    .join('');
/** Spaces that `trim` removes and that are not among the {@link INVISIBLE_RANGES}. */
const SPACES = ' \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000';
const VISIBLE = `[^${INVISIBLE_RANGES}]`;
const INK = `[^${INVISIBLE_RANGES}${SPACES}]`;

/** A text that is trimmed and must then have visible characters only. */
export const VISIBLE_TEXT_PATTERN = `^${VISIBLE}*${INK}${VISIBLE}*$`;
/** A text that is cleaned, and must then not be empty. */
export const SOME_INK_PATTERN = INK;

/** Labels of a target; `null` removes one. */
export const SHOWN_LABEL_CHANGES = {
  propertyNames: {
    type: 'string',
    pattern: '^[a-z][a-z0-9_.-]{0,62}$',
    not: { enum: ['host', ...SYSTEM_KEYS] },
  },
  maxProperties: MAX_LABELS,
  additionalProperties: {
    type: ['string', 'null'],
    maxLength: MAX_LABEL_VALUE_CHARACTERS,
    pattern: `^(?:${INK}(?:${VISIBLE}*${INK})?)?$`,
  },
} as const;

/** Format of selectors, which `docs/labels.md` describes. */
export const SELECTOR_FORMAT = 'selector';

/** An object of any JSON values. */
export const SHOWN_OBJECT = {
  type: 'object' as const,
  additionalProperties: { $ref: '#/components/schemas/JsonValue' },
};

/** Any JSON value whose numbers can be stored exactly. */
export const JSON_VALUE = {
  description: 'Any JSON. Whole numbers beyond ±9007199254740991 are rejected: send them as strings.',
  anyOf: [
    ...(['string', 'boolean', 'null'] as const).map((type) => ({ type })),
    { type: 'number' as const, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
    { type: 'array' as const, items: { $ref: '#/components/schemas/JsonValue' } },
    SHOWN_OBJECT,
  ],
};
