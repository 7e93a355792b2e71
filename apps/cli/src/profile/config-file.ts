import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** How one hub is reached. */
export type Profile = {
  readonly hub: string;
  readonly token?: string | undefined;
  /** Certificates of the authority that signed the hub's, in PEM. */
  readonly caFile?: string | undefined;
};

export type ConfigFile = {
  /** The profile that is meant when none is named. */
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
};

export const DEFAULT_PROFILE = 'default';
const EMPTY: ConfigFile = { current: DEFAULT_PROFILE, profiles: {} };

/** `booner/config.json` below `$XDG_CONFIG_HOME`, else below `~/.config` (XDG Base Directory Specification). */
export const configPath = (env: Env): string =>
  join(env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), '.config'), 'booner/config.json');

/**
 * Reads the profiles; none when there is no file.
 * @throws CliError when it cannot be read, is none, or others may read it
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw usageError(`${path} holds tokens, and others may read it`, `\`chmod 600 ${path}\``);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    if (error instanceof CliError) throw error;
    throw new CliError(`${path} cannot be read: ${(error as Error).message}`, EXIT.usage);
  }
  return parseConfig(text, path);
}

async function parseConfig(text: string, path: string): Promise<ConfigFile> {
  const { configFileSchema } = await import('./config-schema.ts');
  const mend = '`booner login` writes a new one once it is gone';
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw usageError(`${path} is not JSON`, mend); // without the parser's words, which quote the text
  }
  const parsed = configFileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const { path: at = [], message = 'is wrong' } = parsed.error.issues[0] ?? {};
  throw usageError(`${path}: ${at.join('.')}: ${message}`, mend);
}

/** Replaces the file in one step; it is for its owner alone. */
export async function writeConfigFile(path: string, config: ConfigFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${process.pid}`;
  await writeFile(next, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  await chmod(next, 0o600); // whatever the umask is, and if it was there
  await rename(next, path);
}
