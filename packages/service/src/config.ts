import { parseArgs } from 'node:util';
import { type CleanedEnv, customCleanEnv, makeExactValidator } from 'envalid';

/** Exit status for an invalid configuration: EX_CONFIG of sysexits.h. */
export const EX_CONFIG = 78;

/** All problems of a configuration, one sentence each. */
export class ConfigError extends Error {
  readonly code = 'bad_config';
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super(`bad configuration: ${issues.join('; ')}`);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

export type ConfigSpec<S> = {
  /** First line of the help: the command and what it does. */
  readonly summary: string;
  /** envalid validators by environment variable. */
  readonly settings: S;
  /** `--flag value` -> the variable that it overrides. */
  readonly flags: Readonly<Record<string, keyof S & string>>;
  /** `--flag` without a value -> the boolean variable that it sets. */
  readonly switches?: Readonly<Record<string, keyof S & string>>;
  /** Conditions beyond each single setting. */
  readonly checks?: readonly ConfigCheck<Readonly<CleanedEnv<S>>>[];
};

/**
 * Returns a problem, or `null`. `given` has the texts of flags and environment by variable. A
 * setting with an invalid text is absent in `config`, as it has an issue of its own.
 */
export type ConfigCheck<C = object> = (context: {
  readonly argv: readonly string[];
  readonly given: Readonly<Record<string, string>>;
  readonly config: C;
}) => string | null;

export type ConfigInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly argv: readonly string[];
};

/**
 * Reads a daemon's settings from flags, else the environment, else the defaults.
 * @returns the settings, or `null` for `--help`
 * @throws ConfigError with all issues at once
 */
export function readConfig<S>(
  spec: ConfigSpec<S>,
  { env, argv }: ConfigInput,
): Readonly<CleanedEnv<S>> | null {
  const { overrides, issues, help } = readFlags(spec, argv);
  if (help) return null;
  const settings = spec.settings as Record<string, unknown>;
  const given: Record<string, string> = {};
  for (const name of Object.keys(settings)) {
    const text = overrides.get(name) ?? env[name];
    // systemd and compose write an unset variable as an empty one
    if (text !== undefined && text !== '') given[name] = text;
  }
  // Not `cleanEnv`: its result throws when an invalid setting is read, as the checks do.
  const config = customCleanEnv(given, spec.settings, (cleaned) => cleaned, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries(errors)) {
        issues.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  });
  issues.push(
    ...(spec.checks ?? []).map((check) => check({ argv, given, config })).filter((issue) => issue !== null),
  );
  if (issues.length > 0) throw new ConfigError(issues);
  return config;
}

function readFlags<S>(spec: ConfigSpec<S>, argv: readonly string[]) {
  const { flags, switches = {} } = spec;
  const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
  for (const flag of Object.keys(flags)) options[flag] = { type: 'string' };
  for (const flag of Object.keys(switches)) options[flag] = { type: 'boolean' };
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
  const overrides = new Map<string, string>();
  const issues: string[] = [];
  let help = false;
  for (const token of tokens) {
    if (token.kind === 'positional') issues.push(`${token.value}: unknown argument; --help lists all flags`);
    if (token.kind !== 'option') continue;
    const setting = flags[token.name];
    const switched = switches[token.name];
    if (token.name === 'help') help = true;
    else if (switched !== undefined) overrides.set(switched, 'true');
    else if (setting === undefined) issues.push(`${token.rawName}: unknown flag; --help lists all flags`);
    else if (token.value === undefined) issues.push(`${token.rawName}: needs a value`);
    else overrides.set(setting, token.value);
  }
  return { overrides, issues, help };
}

/** Returns the text of `--help`: every flag with its variable, meaning and default. */
export function helpText<S>({ summary, settings, flags, switches = {} }: ConfigSpec<S>): string {
  const specs = settings as Record<string, { desc?: string; default?: unknown }>;
  const names = new Map<string, string>();
  for (const [flag, name] of Object.entries(flags)) names.set(name, `--${flag} ...`);
  for (const [flag, name] of Object.entries(switches)) names.set(name, `--${flag}`);
  const lines = Object.entries(specs).map(([name, { desc = '', default: value }]) => {
    const fallback = value === undefined ? '' : ` (default ${String(value)})`;
    return `  ${(names.get(name) ?? '').padEnd(26)} ${name.padEnd(26)} ${desc}${fallback}`;
  });
  return [summary, '', `  ${'flag'.padEnd(26)} ${'environment'.padEnd(26)} meaning`, ...lines, ''].join('\n');
}

/** Validator of a whole number from `min` to `max`. */
export const integer = ({ min, max }: { min: number; max: number }) =>
  makeExactValidator<number>((text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new TypeError(`must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
    }
    return value;
  });

/** Validator of a text of bounded length. */
export const text = ({ maxLength }: { maxLength: number }) =>
  makeExactValidator<string>((value) => {
    if (value.length > maxLength)
      throw new TypeError(`must have at most ${maxLength} characters, not ${value.length}`);
    return value;
  });

/** Validator of one of some words. */
export const oneOf = <const T extends string>(words: readonly T[]) =>
  makeExactValidator<T>((text) => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined)
      throw new TypeError(`must be one of ${words.join(', ')}, not ${JSON.stringify(text)}`);
    return word;
  });

/** Validator of an on/off setting. */
export const onOff = makeExactValidator<boolean>((text) => {
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off'].includes(text)) return false;
  throw new TypeError(`must be true or false, not ${JSON.stringify(text)}`);
});
