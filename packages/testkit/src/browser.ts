import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * Starts Chromium without a window, the first on the PATH. Disposing of it ends it. It has no sandbox: it shows the test's own
 * pages alone, and root and most containers cannot have one.
 * @throws Error with the command that installs it when there is none on this machine
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser(process.env.PATH ?? '');
  if (executablePath === null) {
    throw new Error('Chromium is not installed; on Debian and Ubuntu `apt-get install chromium` installs it');
  }
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

/** The program of the first of {@link COMMANDS} that is in one of the PATH's folders; `null` when none is. */
export function findBrowser(path: string): string | null {
  const programs = COMMANDS.flatMap((command) =>
    path
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, command)),
  );
  return programs.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
