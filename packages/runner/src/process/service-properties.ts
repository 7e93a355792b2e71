import type { Confinement } from '../catalogue/confinement.ts';

/** The runner ends processes by itself, and leaves those of a completed task alone. */
const ALWAYS = ['KillMode=process', 'IgnoreSIGPIPE=no'];

const STANDARD = [
  ...['NoNewPrivileges=yes', 'PrivateTmp=yes', 'ProtectHome=read-only'],
  ...['ProtectKernelTunables=yes', 'ProtectKernelModules=yes', 'ProtectKernelLogs=yes'],
  ...['ProtectControlGroups=yes', 'ProtectHostname=yes', 'RestrictRealtime=yes', 'LockPersonality=yes'],
];

/** Rights that deploying files needs: those over files and accounts, which root keeps. */
const CAPABILITIES =
  'CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_SETGID CAP_SETUID';

/** Sockets through which root could start a unit or an action without this sandbox. */
const SOCKETS_OF_ROOT = [
  ...['-/run/systemd/private', '-/run/systemd/io.systemd.Manager', '-/run/dbus/system_bus_socket'],
  '-/run/booner-launcher',
].join(' ');

const STRICT = [
  ...STANDARD,
  ...['PrivateDevices=yes', 'ProtectClock=yes', 'ProtectProc=invisible', 'RestrictNamespaces=yes'],
  ...['RestrictSUIDSGID=yes', 'SystemCallArchitectures=native', `CapabilityBoundingSet=${CAPABILITIES}`],
  `InaccessiblePaths=${SOCKETS_OF_ROOT}`,
  // ProtectControlGroups= mounts it anew, so ProtectSystem=strict leaves it writable.
  'ReadOnlyPaths=/run',
  'TemporaryFileSystem=/dev/shm:mode=1777',
];

/**
 * Returns the properties of the service that runs a task; see systemd.exec(5), systemd.kill(5) and
 * systemd.resource-control(5). Everyone on the host can read them: they contain no parameters.
 * @param directory of the run, which stays writable; `null`: none
 */
export function serviceProperties(
  { sandbox, network, writablePaths, memoryMax, cpuQuota }: Confinement,
  directory: string | null,
): string[] {
  return [
    ...ALWAYS,
    ...(sandbox === 'none' ? [] : sandboxProperties(sandbox === 'strict', directory)),
    ...(sandbox === 'strict' && !network ? ['PrivateNetwork=yes'] : []),
    ...(writablePaths.length === 0 ? [] : [`ReadWritePaths=${writablePaths.map(quote).join(' ')}`]),
    // The kernel ends all processes together where it can (version 2 of control groups).
    ...(memoryMax === null ? ['OOMPolicy=continue'] : [`MemoryMax=${memoryMax}`, 'OOMPolicy=kill']),
    ...(cpuQuota === null ? [] : [`CPUQuota=${cpuQuota}`]),
  ];
}

function sandboxProperties(isStrict: boolean, directory: string | null): string[] {
  return [
    ...(isStrict ? [...STRICT, 'ProtectSystem=strict'] : [...STANDARD, 'ProtectSystem=full']),
    // Also where the private /tmp or a read-only home would hide it.
    ...(directory === null ? [] : [`BindPaths=${quote(directory)}`]),
  ];
}

/** A value may have blanks; action files allow no quotes and backslashes in paths. */
const quote = (path: string): string => `"${path}"`;
