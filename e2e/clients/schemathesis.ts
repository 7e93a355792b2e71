import { join } from 'node:path';
import type { HubProcess } from '@booner/testkit';

/** Python with the tools that `scripts/setup.mjs` installs. */
export const PYTHON = join(import.meta.dirname, '../../.booner/python-tools/bin/python');
const PROGRAM = join(import.meta.dirname, 'run-schemathesis.py');
/** What is not checked, and why. */
const CONFIG = join(import.meta.dirname, 'schemathesis.toml');
/** It would revoke the token of the run, once there is another one. Open hubs test it. */
const ENDS_THE_RUN = '/tokens/{id}';

export type SchemathesisOptions = {
  readonly hub: Pick<HubProcess, 'url' | 'adminToken'>;
  readonly phases: readonly ('examples' | 'coverage' | 'fuzzing' | 'stateful')[];
  /** Cases per operation that `fuzzing` makes up, and scenarios of `stateful`. */
  readonly maxExamples: number;
};

/**
 * Returns the arguments of {@link PYTHON} that compare the answers of a hub with its OpenAPI
 * document. The cases are the same each time.
 */
export function schemathesis({ hub, phases, maxExamples }: SchemathesisOptions): string[] {
  const { url, adminToken } = hub;
  const token = ['--header', `Authorization: Bearer ${adminToken}`, '--exclude-path', ENDS_THE_RUN];
  return [
    ...[PROGRAM, '--config-file', CONFIG, '--no-color', 'run', `${url}/openapi.json`],
    ...['--phases', phases.join(), '--max-examples', `${maxExamples}`],
    ...['--generation-deterministic', '--continue-on-failure'],
    ...(adminToken === '' ? [] : token),
  ];
}
