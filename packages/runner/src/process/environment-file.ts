/** Characters with a meaning inside double quotes. */
const SPECIAL = /["\\`$]/g;

/**
 * Returns the path of the file that holds the environment of a run: beside its directory, where the
 * account of the run cannot replace it.
 */
export const environmentFileOf = (directory: string): string => `${directory}${ENVIRONMENT_SUFFIX}`;
export const ENVIRONMENT_SUFFIX = '.env';

/** Returns a text for `EnvironmentFile=` (systemd.exec(5)) with exactly these variables. */
export const environmentText = (env: Readonly<Record<string, string>>): string =>
  Object.entries(env)
    .map(([name, value]) => `${name}="${value.replaceAll(SPECIAL, '\\$&')}"\n`)
    .join('');
