/** Longest text of a parameter, whatever its own limit. */
export const MAX_PARAMETER_CHARACTERS = 4096;
