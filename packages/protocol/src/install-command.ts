export type InstallCommandOptions = {
  /** URL of the hub for the host. */
  readonly hubUrl: string;
  /** SHA-256 of the installer, in hexadecimal. */
  readonly installerSha256: string;
  /** The enrolment key. */
  readonly key: string;
  readonly withTasks: boolean;
};

const FILE = 'booner-install.sh';

/**
 * Returns the line to paste on a host. It verifies the installer before it runs it, and passes the
 * key on stdin: arguments are in `ps` and in the journal of sudo. URLs are quoted, so a shell takes
 * them as text.
 */
export function installCommand({ hubUrl, installerSha256, key, withTasks }: InstallCommandOptions): string {
  const hub = hubUrl.replace(/\/$/, '');
  const tasks = withTasks ? ' --enable-tasks' : '';
  return [
    `curl -fsSLo ${FILE} ${quoted(`${hub}/install.sh`)}`,
    `echo '${installerSha256}  ${FILE}' | sha256sum -c -`,
    `echo ${key} | sudo sh ${FILE} --hub ${quoted(hub)} --key -${tasks}`,
  ].join(' && ');
}

/**
 * Quotes a URL: its path, and a host name below `localhost`, may contain `;`, `$(…)` and quotes.
 */
const quoted = (text: string): string =>
  /^[\w:/.%~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
