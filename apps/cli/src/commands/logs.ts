import type { Command } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeLogLine } from '../terminal/safe-text.ts';
import { exitCodeOf, followTask } from './follow-task.ts';

type LogsOptions = { readonly follow?: boolean; readonly tail?: number };

/** Adds `booner logs`. */
export function addLogsCommand(program: Command, run: Run): void {
  program
    .command('logs')
    .description('print the output of a task')
    .argument('<task>', 'task ID')
    .option('-f, --follow', 'follow the output until the task ends')
    .option('--tail <lines>', 'print only the last lines', countUpTo(100_000))
    .addHelpText('after', examples('logs V1StGXR8_Z5jdHi6B-myT', 'logs V1StGXR8_Z5jdHi6B-myT --follow'))
    .action((id: string, options: LogsOptions, command: Command) =>
      run(command, (context) => showLogs(context, id, options)),
    );
}

/** Lines per request. */
const PAGE_LINES = 2000;

/** Runs `booner logs`. JSON: one `{line, stream, text}` per line of output. */
function showLogs(context: Context, id: string, { follow, tail }: LogsOptions): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const { logLines } = await client.readTask(id);
    const from = tail === undefined ? 0 : Math.max(0, logLines - tail);
    if (follow && !isJson) return exitCodeOf(await followTask(context, client, id, { afterLine: from }));
    if (follow) {
      for await (const { lines } of client.followLog(id, { afterLine: from })) {
        for (const line of lines) terminal.printJsonLine(line);
      }
      return;
    }
    for (let afterLine = from; ; ) {
      const page = await client.readLog(id, { afterLine, limit: PAGE_LINES });
      if (page.droppedLines > 0 && !isJson) {
        terminal.note(terminal.style('dim', `[${page.droppedLines} lines were dropped]`));
      }
      for (const line of page.lines) {
        if (isJson) terminal.printJsonLine(line);
        else terminal.print(safeLogLine(line.text, terminal.hasColor));
      }
      if (page.lines.length === 0) return;
      afterLine = page.nextAfterLine;
    }
  });
}
