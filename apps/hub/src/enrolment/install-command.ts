export type InstallCommandOptions = {
  /** Where the host finds the hub. */
  readonly hubUrl: string;
  /** The enrolment key. */
  readonly key: string;
  readonly withTasks: boolean;
};

/** The line to paste on a host. It holds nothing that a shell would take for more than text. */
export function installCommand({ hubUrl, key, withTasks }: InstallCommandOptions): string {
  const hub = hubUrl.replace(/\/$/, '');
  const tasks = withTasks ? ' --enable-tasks' : '';
  return `curl -fsSL ${quoted(`${hub}/install.sh`)} | sudo sh -s -- --hub ${quoted(hub)} --key ${key}${tasks}`;
}

/** A URL may hold `;`, `$(…)` and quotes, in its path and, below `localhost`, in the name that a link made up. */
const quoted = (text: string): string =>
  /^[\w:/.%~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
