const TOKEN = /bnr_[\w-]{43}(?![\w-])/;

/** Finds the token in a pasted text, such as a shell command or a whole link. */
export const tokenIn = (text: string): string | null => TOKEN.exec(text)?.[0] ?? null;

/** Returns the problem of a text that contains no token. */
export const missingTokenIssue = (text: string): string =>
  text.trim() === '' ? 'Paste a token.' : 'This is not a token. A token is bnr_ followed by 43 characters.';
