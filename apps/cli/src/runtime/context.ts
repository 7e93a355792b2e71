import { type HubOptions, type ResolvedHub, resolveHub } from '../profile/resolve-hub.ts';
import { createTerminal, type Terminal } from '../terminal/terminal.ts';

/** Options of every command. */
export type GlobalOptions = HubOptions & {
  readonly json?: boolean | undefined;
  /** `false` with `--no-color`. */
  readonly color?: boolean | undefined;
};

/** Input, output and settings of a command. */
export type Context = {
  readonly options: GlobalOptions;
  readonly isJson: boolean;
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: NodeJS.WriteStream;
  resolve(): Promise<ResolvedHub>;
};

export function createContext(options: GlobalOptions): Context {
  const { env, stdin, stdout, stderr } = process;
  return {
    options,
    isJson: options.json === true,
    terminal: createTerminal({ stdout, stderr, env, noColor: options.color === false }),
    env,
    stdin,
    stderr,
    resolve: () => resolveHub(options, env),
  };
}
