import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * Returns the trimmed text of a file of /sys or /proc. `null` if it is empty or the system refuses
 * to read it: attributes come and go with drivers and devices (ENOENT, ENODEV), and fail while a
 * device sleeps or resets (EBUSY, EPERM, EIO).
 */
export async function readText(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? null : text;
  } catch (error) {
    return unreadable(error, null);
  }
}

/** Reads a file that contains one whole number; `null` if it does not or cannot be read. */
export async function readInteger(path: string): Promise<number | null> {
  const text = await readText(path);
  return text !== null && /^-?\d{1,19}$/.test(text) ? Number(text) : null;
}

/** Returns the sorted names in a folder; none if it does not exist. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    return unreadable(error, []);
  }
}

/**
 * Returns the last part of a symbolic link's target, such as the driver's name for `device/driver`.
 */
export async function linkName(path: string): Promise<string | null> {
  try {
    return basename(await readlink(path));
  } catch (error) {
    return unreadable(error, null);
  }
}

/**
 * Replaces a file that the system refused to read. Other errors are defects of this program and are
 * thrown.
 */
function unreadable<T>(error: unknown, fallback: T): T {
  if (error instanceof Error && 'syscall' in error) return fallback;
  throw error;
}
