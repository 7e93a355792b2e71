import { CommanderError } from 'commander';
import { CliError } from './errors/cli-error.ts';
import { EXIT } from './errors/exit-codes.ts';
import { createProgram } from './program.ts';
import { createContext } from './runtime/context.ts';

/** Runs the command line, then ends the process with one of {@link EXIT}. */
export async function runCommandLine(argv: readonly string[]): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.ok); // the reader, such as `head`, has enough
      throw error;
    });
  }
  let exitCode: number = EXIT.ok;
  try {
    const program = createProgram((code) => {
      exitCode = code;
    });
    const { operands, unknown } = program.parseOptions(argv.slice(2));
    if (operands.length > 0 || unknown.length > 0) await program.parseAsync([...argv]);
    else await (await import('./commands/overview.ts')).showOverview(createContext(program.opts()));
  } catch (error) {
    exitCode = report(error);
  }
  return process.exit(exitCode);
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage; // already printed
  if (error instanceof CliError) {
    const hint = error.hint === null ? '' : `\n  ${error.hint}`;
    process.stderr.write(`booner: ${error.message}${hint}\n`);
    return error.exitCode;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
