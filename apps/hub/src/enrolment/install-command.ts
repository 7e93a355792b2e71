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
  return `curl -fsSL ${hub}/install.sh | sudo sh -s -- --hub ${hub} --key ${key}${withTasks ? ' --enable-tasks' : ''}`;
}
