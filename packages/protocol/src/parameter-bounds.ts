/** Longest text that a parameter may have, whatever its own bound. */
export const MAX_PARAMETER_CHARACTERS = 4096;
