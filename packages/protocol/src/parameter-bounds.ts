/** Longest text of a parameter, whatever its own limit. */
export const MAX_PARAMETER_CHARACTERS = 4096;

/**
 * Steps that matching a value may take, as its pattern and `maxLength` tell: at most 20 ms, so that
 * no action that a target offers stalls a hub or a page.
 */
export const MAX_PATTERN_STEPS = 100_000;
