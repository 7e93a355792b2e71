import { CommanderError } from 'commander';
import { CliError } from './errors/cli-error.ts';
import { EXIT } from './errors/exit-codes.ts';
import { createProgram } from './program.ts';

/** Does what the command line says, and ends the process with one of {@link EXIT}. */
export async function runCommandLine(argv: readonly string[]): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.ok); // whoever read, such as `head`, has enough
      throw error;
    });
  }
  let exitCode: number = EXIT.ok;
  try {
    const program = createProgram((code) => {
      exitCode = code;
    });
    await program.parseAsync([...argv]);
  } catch (error) {
    exitCode = report(error);
  }
  return process.exit(exitCode);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // it has spoken
  if (error instanceof CliError) {
    const mend = error.mend === null ? '' : `\n  ${error.mend}`;
    process.stderr.write(`booner: ${error.message}${mend}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
