import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const COMMANDS = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];

/**
 * Starts the first Chromium on the PATH, headless. Disposing of it ends it. It runs without a
 * sandbox, which root and most containers cannot use; it only shows the test's own pages.
 * @throws Error with the command that installs it, when it is not installed
 */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser(process.env.PATH ?? '');
  if (executablePath === null) {
    throw new Error('Chromium is not installed; on Debian and Ubuntu `apt-get install chromium` installs it');
  }
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

/** Returns the path of the first of {@link COMMANDS} on the PATH, or `null`. */
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
