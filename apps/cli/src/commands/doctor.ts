import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/redis-settings.ts';
import { examples, type Run } from '../runtime/command-parts.ts';

/** Adds `booner doctor`, whose code is loaded when it runs. */
export function addDoctorCommand(program: Command, run: Run): void {
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
      run(command, async (context) => (await import('../doctor/run-doctor.ts')).runDoctor(context, options)),
    );
}
