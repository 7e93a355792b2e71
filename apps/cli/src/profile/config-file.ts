import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Settings for one hub. */
export type Profile = {
  readonly hub: string;
  readonly token?: string | undefined;
  /** File with certificates of the authority that signed the hub's, in PEM. */
  readonly caFile?: string | undefined;
};

export type ConfigFile = {
  /** Default profile. */
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
};

export const DEFAULT_PROFILE = 'default';
const EMPTY: ConfigFile = { current: DEFAULT_PROFILE, profiles: {} };

/**
 * Returns the path of `booner/config.json` in `$XDG_CONFIG_HOME`, by default in `~/.config`
 * (XDG Base Directory Specification).
 */
export const configPath = (env: Env): string =>
  join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'booner/config.json');

/**
 * Reads the profiles; a missing file means none.
 * @throws CliError if the file cannot be read, is invalid, or is readable by other users
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw usageError(`${path} contains tokens, but other users can read it`, `run \`chmod 600 ${path}\``);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot read ${path}: ${(error as Error).message}`, EXIT.usage);
  }
  return parseConfig(text, path);
}

async function parseConfig(text: string, path: string): Promise<ConfigFile> {
  const { configFileSchema } = await import('./config-schema.ts');
  const hint = 'delete it, then run `booner login` to create a new one';
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw usageError(`${path} is not valid JSON`, hint); // the parser's message would quote tokens
  }
  const parsed = configFileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const { path: at = [], message = 'is invalid' } = parsed.error.issues[0] ?? {};
  throw usageError(`${path}: ${at.join('.')}: ${message}`, hint);
}

/** Replaces the file atomically. Only its owner can read it. */
export async function writeConfigFile(path: string, config: ConfigFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  await chmod(next, 0o600); // regardless of the umask, and if the file existed
  await rename(next, path);
}
