import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * The trimmed text of a file of /sys or /proc. `null` for whatever reason it cannot be read: attributes come and go with drivers
 * and devices (ENOENT, ENODEV), and refuse while a device sleeps or resets (EBUSY, EPERM, EIO). An empty text is `null` too.
 */
export async function readText(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? null : text;
  } catch (error) {
    return unreadable(error, null);
  }
}

/** A file that holds one whole number; `null` when it does not, or cannot be read. */
export async function readInteger(path: string): Promise<number | null> {
  const text = await readText(path);
  return text !== null && /^-?\d{1,19}$/.test(text) ? Number(text) : null;
}

/** The sorted names in a folder; none when it is not there. */
export async function listFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    return unreadable(error, []);
  }
}

/** The last part of what a symbolic link points to, such as the driver's name for `device/driver`. */
export async function linkName(path: string): Promise<string | null> {
  try {
    return basename(await readlink(path));
  } catch (error) {
    return unreadable(error, null);
  }
}

/** What stands for a file that the system refused; anything but a system error is a fault of this program and rises. */
function unreadable<T>(error: unknown, fallback: T): T {
  if (error instanceof Error && 'syscall' in error) return fallback;
  throw error;
}
