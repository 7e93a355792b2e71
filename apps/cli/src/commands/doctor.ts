import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor/redis-settings.ts';
import { examples, type Run } from '../runtime/command-parts.ts';

/** Adds `booner doctor`. Its code is loaded only when it runs. */
export function addDoctorCommand(program: Command, run: Run): void {
  program
    .command('doctor')
    .description('find problems with the hub, Redis and the agents, and how to fix them')
    .option('--redis-url <url>', 'check this Redis (default: REDIS_URL, or as configured in /etc/booner)')
    .option('--redis-username <name>', 'Redis user name')
    .option('--redis-password-file <file>', 'file that contains the Redis password')
    .option('--redis-ca-file <file>', 'CA certificate of Redis, in PEM format')
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
