/**
 * What the processes of an action can reach and use. It is enforced where each task is a service of
 * systemd.
 */
export type Confinement = {
  /**
   * `none`: everything that the account can. `standard`: system files and homes are read-only,
   * `/tmp` is private, and no process gains privileges. `strict`: also no network, and no writable
   * files except `writablePaths`.
   */
  readonly sandbox: 'strict' | 'standard' | 'none';
  /** `strict` with the network of the host. */
  readonly network: boolean;
  /** Folders and files that `strict` leaves writable: absolute paths. */
  readonly writablePaths: readonly string[];
  /** Memory of all processes together, as in `512M`; `null`: no limit. */
  readonly memoryMax: string | null;
  /** Processor time, as in `50%` of one processor or `200%` for two; `null`: no limit. */
  readonly cpuQuota: string | null;
};

/** Returns true if the file asks for more confinement than the default. */
export const isConfinementNamed = ({ sandbox, memoryMax, cpuQuota }: Confinement): boolean =>
  sandbox === 'strict' || memoryMax !== null || cpuQuota !== null;
