import tab, { type Complete, script } from '@bomb.sh/tab';
import { Argument, type Command } from 'commander';
import { resolveHub } from '../profile/resolve-hub.ts';
import type { Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { clientOf } from '../runtime/with-hub.ts';

/** Adds `booner completion`, and `booner complete -- WORDS`, which the shell scripts call. */
export function addCompletionCommands(program: Command, run: Run): void {
  program
    .command('completion')
    .description('print a shell script that completes commands, options and hosts')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(booner completion bash)
  $ booner completion zsh > "\${fpath[1]}/_booner"
  $ booner completion fish > ~/.config/fish/completions/booner.fish`,
    )
    .action((shell: string, _options: object, command: Command) =>
      run(command, async () => printCompletion(program, shell)),
    );
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words: readonly string[], _options: object, command: Command) =>
      run(command, (context) => completeWords(program, words, context)),
    );
}

/** Completion must be quick, even if the hub is not. */
const HUB_TIMEOUT_MS = 1000;

/** Loads bash-completion, which the script for bash calls and root shells often have not loaded. */
const BASH_PREAMBLE = `if ! declare -F _get_comp_words_by_ref >/dev/null; then
    if [ -r /usr/share/bash-completion/bash_completion ]; then
        source /usr/share/bash-completion/bash_completion
    else
        echo 'booner: completion requires bash-completion; run: sudo apt-get install bash-completion' >&2
    fi
fi
`;

/** Prints the script for a shell. */
async function printCompletion(program: Command, shell: string): Promise<undefined> {
  if (shell === 'bash') process.stdout.write(BASH_PREAMBLE);
  script(shell, program.name(), program.name());
}

/** Prints completions for a partial command line. */
async function completeWords(
  program: Command,
  words: readonly string[],
  context: Context,
): Promise<undefined> {
  const hosts = mayWantHost(words) ? await knownHosts(words, context) : [];
  const commands = commandsOf(program, '');
  for (const option of program.options) addOption(tab, option);
  for (const [name, command] of commands) {
    const known = tab.command(name, command.description());
    for (const option of [...command.options, ...program.options]) addOption(known, option);
    for (const argument of command.registeredArguments) {
      const values = argument.argChoices ?? (/^host$/.test(argument.name()) ? hosts : []);
      known.argument(argument.name(), (complete) => offer(complete, values), argument.variadic);
    }
  }
  tab.parse([...words]);
}

function addOption(
  to: typeof tab | ReturnType<typeof tab.command>,
  option: Command['options'][number],
): void {
  const name = (option.long ?? option.short ?? '').replace(/^--?/, '');
  const alias = option.short?.slice(1);
  const takesValue = option.required || option.optional;
  if (!takesValue) return void to.option(name, option.description, alias ?? '');
  to.option(name, option.description, (complete) => offer(complete, option.argChoices ?? []), alias ?? '');
}

const offer = (complete: Complete, values: readonly string[]) => {
  for (const value of values) complete(value, '');
};

/** Returns all commands by full name, such as `target add`. */
function commandsOf(command: Command, prefix: string): readonly (readonly [string, Command])[] {
  return command.commands
    .filter((child) => child.name() !== 'complete')
    .flatMap((child) => {
      const name = `${prefix}${child.name()}`;
      return [[name, child] as const, ...commandsOf(child, `${name} `)];
    });
}

const mayWantHost = (words: readonly string[]): boolean =>
  words.some((word) => ['run', 'actions', 'target', 'targets', 'history'].includes(word)) &&
  !words.at(-1)?.startsWith('-');

/** Returns no hosts if the hub fails: completion must not print errors. */
async function knownHosts(words: readonly string[], { env }: Context): Promise<readonly string[]> {
  const after = (flag: string) => words[words.indexOf(flag) + 1];
  const hub = words.includes('--hub') ? after('--hub') : undefined;
  const profile = words.includes('--profile') ? after('--profile') : undefined;
  try {
    const client = await clientOf(await resolveHub({ hub, profile }, env));
    const { targets } = await client.readStatus({ signal: AbortSignal.timeout(HUB_TIMEOUT_MS) });
    return targets.map(({ host }) => host);
  } catch {
    return [];
  }
}
