export type InstallCommandOptions = {
  /** URL of the hub for the host. */
  readonly hubUrl: string;
  /** The enrolment key. */
  readonly key: string;
  readonly withTasks: boolean;
};

/** Returns the line to paste on a host. URLs are quoted, so a shell takes them as text. */
export function installCommand({ hubUrl, key, withTasks }: InstallCommandOptions): string {
  const hub = hubUrl.replace(/\/$/, '');
  const tasks = withTasks ? ' --enable-tasks' : '';
  return `curl -fsSL ${quoted(`${hub}/install.sh`)} | sudo sh -s -- --hub ${quoted(hub)} --key ${key}${tasks}`;
}

/**
 * Quotes a URL: its path, and a host name below `localhost`, may contain `;`, `$(…)` and quotes.
 */
const quoted = (text: string): string =>
  /^[\w:/.%~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
