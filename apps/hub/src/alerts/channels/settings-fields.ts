import { z } from 'zod';

const MAX_URL_CHARACTERS = 2000;
/** Characters of a header's value. Others would end it or be refused. */
const VISIBLE_ASCII = /^[!-~]+$/;

/** A URL with `http` or `https`, without a password. */
export const urlField = (example: string, description: string) =>
  z
    .url({ protocol: /^https?$/, normalize: true, error: `must be a URL such as ${example}` })
    .max(MAX_URL_CHARACTERS, `must have at most ${MAX_URL_CHARACTERS} characters`)
    .refine((text) => {
      const url = URL.parse(text);
      return url === null || url.username + url.password === '';
    }, `must not contain a user or password: write it like ${example}`)
    .describe(description);

/** Base URL of a server: paths are appended to it. */
export const serverField = (example: string, description: string) =>
  urlField(example, description)
    .refine((text) => !/[?#]/.test(text), `must have no query or fragment: write it like ${example}`)
    .transform((text) => text.replace(/\/+$/, ''));

export type TextFieldOptions = {
  /** Fits "must be …": what it is, where to find it, an example. */
  readonly what: string;
  readonly pattern?: RegExp;
  readonly max?: number;
};

/** One line of text in visible ASCII, such as a token. */
export const textField = (
  description: string,
  { what, pattern = VISIBLE_ASCII, max = 500 }: TextFieldOptions,
) =>
  z
    .string({ error: `must be ${what}` })
    .max(max, `must have at most ${max} characters`)
    .regex(pattern, `must be ${what}`)
    .describe(description);

/** `allowPrivate`: off unless the receiver is in the hub's own network. */
export const allowPrivateField = z
  .boolean({ error: 'must be true or false' })
  .default(false)
  .describe('Allows a receiver on this machine or in a private network, such as 10.0.0.9');

/** Value of the header `Authorization`, for receivers behind a sign-in. */
export const authorizationField = z
  .string({ error: 'must be a value of the header Authorization, such as Bearer abc123' })
  .max(2000, 'must have at most 2000 characters')
  .regex(/^[!-~]+( [!-~]+)*$/, 'must be a value of the header Authorization, such as Bearer abc123')
  .optional()
  .describe('Value of the header Authorization, such as Bearer abc123');

/** Region of a service in which an account is kept. */
export const regionField = z
  .enum(['us', 'eu'], { error: 'must be us or eu' })
  .default('us')
  .describe('Region of the account: us or eu');
