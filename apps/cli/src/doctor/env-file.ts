import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type EnvFile =
  | { readonly type: 'read'; readonly values: Readonly<Record<string, string | undefined>> }
  | { readonly type: 'absent' }
  | { readonly type: 'unreadable'; readonly code: string };

/** Reads a file of `NAME=value` lines in the format of systemd's `EnvironmentFile=`. */
export function readEnvFile(path: string): EnvFile {
  try {
    return { type: 'read', values: parseEnv(readFileSync(path, 'utf8')) };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? { type: 'absent' } : { type: 'unreadable', code };
  }
}
