import { Argument, type Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';

export type DoctorOptions = {
  readonly redisUrl?: string;
  readonly redisUsername?: string;
  readonly redisPasswordFile?: string;
  readonly redisCaFile?: string;
};

export function addOwnCommands(program: Command, run: Run, version: string): void {
  program
    .command('doctor')
    .description('find what is wrong between here, the hub, Redis and the agents, and what mends it')
    .option('--redis-url <url>', 'look at this Redis too; default: REDIS_URL, or what /etc/booner says')
    .option('--redis-username <name>', 'user at Redis')
    .option('--redis-password-file <file>', 'file that holds the password')
    .option('--redis-ca-file <file>', 'CA of Redis, in PEM')
    .addHelpText(
      'after',
      examples(
        'doctor',
        'doctor --hub http://10.0.0.1:8000',
        'doctor --redis-url redis://10.0.0.1:6379',
        'doctor --json',
      ),
    )
    .action((options: DoctorOptions, command: Command) =>
      run(command, async (context) => (await import('../commands/doctor.ts')).runDoctor(context, options)),
    );
  program
    .command('completion')
    .description('print what makes a shell complete commands, options and hosts')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  $ source <(booner completion bash)
  $ booner completion zsh > "\${fpath[1]}/_booner"
  $ booner completion fish > ~/.config/fish/completions/booner.fish`,
    )
    .action((shell: string, _options: object, command: Command) =>
      run(command, async () => (await import('../commands/completion.ts')).printCompletion(program, shell)),
    );
  // What the shells' scripts call: `booner complete -- status --w`.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words: readonly string[], _options: object, command: Command) =>
      run(command, async (context) =>
        (await import('../commands/completion.ts')).completeWords(program, words, context),
      ),
    );
  program
    .command('version')
    .description('the versions of this program and of the hub')
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/version.ts')).showVersion(context, version)),
    );
}
