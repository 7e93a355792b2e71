import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BoonerClient } from '@booner/client';
import type { Artefact, TaskArtefacts } from '@booner/protocol';
import { isArtefactName } from '@booner/protocol/artefact-name';
import type { Command } from 'commander';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { cutOff } from '../runtime/cut-off.ts';
import { withHub } from '../runtime/with-hub.ts';
import { bytesText } from '../terminal/figures.ts';
import { interruption } from '../terminal/interrupted.ts';
import { safeText } from '../terminal/safe-text.ts';
import { artefactLines } from '../texts/artefact-texts.ts';

type ArtefactsOptions = { readonly output?: string };

/** Adds `booner artefacts`. */
export function addArtefactsCommand(program: Command, run: Run): void {
  program
    .command('artefacts')
    .description('list the files that a task left, or save them')
    .argument('<task>', 'task ID')
    .argument('[name...]', 'files to save; default: all')
    .option('-o, --output <folder>', 'save the files in this folder')
    .addHelpText(
      'after',
      examples(
        'artefacts V1StGXR8_Z5jdHi6B-myT',
        'artefacts V1StGXR8_Z5jdHi6B-myT --output ./build',
        'artefacts V1StGXR8_Z5jdHi6B-myT out/report.json --output .',
      ),
    )
    .action((id: string, names: readonly string[], options: ArtefactsOptions, command: Command) =>
      run(command, (context) => runArtefacts(context, id, names, options)),
    );
}

const NONE: TaskArtefacts = { files: [], missing: [] };

/** Runs `booner artefacts`. JSON: `{files, missing}`, as in the task; `{saved}`, the paths. */
function runArtefacts(
  context: Context,
  id: string,
  names: readonly string[],
  { output }: ArtefactsOptions,
): Promise<undefined> {
  if (output === undefined && names.length > 0)
    throw usageError('specify the folder to save files in', 'pass --output .');
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const artefacts = (await client.readTask(id)).artefacts ?? NONE;
    if (output === undefined) {
      if (isJson) return void terminal.printJson(artefacts);
      const lines = artefactLines(artefacts, terminal);
      if (lines.length === 0) return void terminal.note('This task left no files.');
      return void terminal.print(...lines);
    }
    const files = chosen(artefacts.files, names);
    const saved: string[] = [];
    for (const file of files) {
      saved.push(await save(client, id, file, output));
      if (!isJson) terminal.note(`Wrote ${bytesText(file.bytes)} to ${safeText(saved.at(-1) ?? '')}.`);
    }
    if (isJson) terminal.printJson({ saved });
  });
}

function chosen(files: readonly Artefact[], names: readonly string[]): readonly Artefact[] {
  const unknown = names.find((name) => !files.some((file) => file.name === name));
  if (unknown !== undefined) throw new CliError(`the task left no ${safeText(unknown)}`, EXIT.notFound);
  const found = names.length === 0 ? files : files.filter(({ name }) => names.includes(name));
  if (found.length === 0) throw new CliError('this task left no files', EXIT.notFound);
  return found;
}

/**
 * Writes a file under a temporary name first, so that it is either complete or absent.
 * @returns its path
 */
async function save(client: BoonerClient, id: string, { name }: Artefact, folder: string): Promise<string> {
  // The hub names the file: it must not lead out of the folder.
  if (!isArtefactName(name))
    throw new CliError(`the hub sent an invalid name: ${safeText(name)}`, EXIT.failed);
  using stop = interruption();
  const path = join(folder, name);
  const temporary = `${path}.part-${process.pid}`;
  const fail = (error: NodeJS.ErrnoException) => {
    throw usageError(`cannot write ${safeText(path)} (${error.code})`);
  };
  await mkdir(dirname(path), { recursive: true }).catch(fail);
  const content = await client.downloadArtefact(id, name, { signal: stop.signal });
  const handle = await open(temporary, 'wx', 0o600).catch(fail);
  try {
    for await (const chunk of content) await handle.writeFile(chunk);
    await handle.close();
    await rename(temporary, path);
    return path;
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : cutOff(error);
  } finally {
    await handle.close();
    await rm(temporary, { force: true });
  }
}
