import { basename, isAbsolute } from 'node:path';
import type { Parameter } from '@booner/protocol';
import { checkParameters, findPatternIssue } from '@booner/protocol/action-parameters';
import type { ActionFile } from './action-file-schema.ts';
import { placeholdersIn } from './command-template.ts';

/** What is wrong at one place of a file. */
export type FileFault = { readonly path: readonly PropertyKey[]; readonly reason: string };

const SHELLS = new Set(['sh', 'ash', 'bash', 'dash', 'ksh', 'zsh', 'fish', 'csh', 'tcsh', 'busybox']);

/** What is wrong between keys that are right each by itself. */
export function findActionFaults(file: ActionFile): FileFault[] {
  const faults: FileFault[] = [];
  if (file.lock !== undefined && file.concurrency !== undefined) {
    faults.push({
      path: ['concurrency'],
      reason: 'lock and concurrency exclude each other: a lock means one run at a time',
    });
  }
  const known = new Map<string, Parameter>();
  for (const [index, parameter] of file.parameters.entries()) {
    if (known.has(parameter.name)) {
      faults.push({
        path: ['parameters', index, 'name'],
        reason: `there are two parameters ${JSON.stringify(parameter.name)}`,
      });
    }
    known.set(parameter.name, parameter);
    for (const { path, reason } of faultsOfParameter(parameter)) {
      faults.push({ path: ['parameters', index, ...path], reason });
    }
  }
  faults.push(...faultsOfCommand(file.command, known));
  for (const [name, value] of Object.entries(file.env)) {
    for (const placeholder of placeholdersIn(value)) {
      faults.push({
        path: ['env', name],
        reason: `{{${placeholder}}} is filled in the command alone; the process finds each parameter in its environment, as BOONER_PARAM_<NAME>`,
      });
    }
  }
  return faults;
}

function* faultsOfParameter(parameter: Parameter): Iterable<FileFault> {
  if (parameter.type === 'string' && parameter.pattern !== undefined) {
    const reason = findPatternIssue(parameter.pattern);
    // A default cannot be held against a pattern that is none.
    if (reason !== null) return yield { path: ['pattern'], reason };
  }
  if (parameter.type === 'integer') {
    const { min, max } = parameter;
    if (min !== undefined && max !== undefined && min > max) {
      return yield { path: ['min'], reason: `min ${min} is greater than max ${max}` };
    }
  }
  if (parameter.type === 'choice') {
    for (const [index, choice] of parameter.choices.entries()) {
      if (/[\0\r\n]/.test(choice)) {
        yield { path: ['choices', index], reason: 'must not hold a NUL or a line break' };
      }
    }
  }
  if (parameter.default === undefined) return;
  if (parameter.type === 'string' && parameter.secret) {
    return yield { path: ['default'], reason: 'a secret has no default: defaults are shown to everybody' };
  }
  const checked = checkParameters([parameter], { [parameter.name]: parameter.default });
  if (!checked.ok) {
    for (const { detail } of checked.issues) {
      yield { path: ['default'], reason: `breaks the parameter's own rule: ${detail}` };
    }
  }
}

function* faultsOfCommand(
  command: readonly string[],
  known: ReadonlyMap<string, Parameter>,
): Iterable<FileFault> {
  const program = command[0]!;
  if (placeholdersIn(program).length > 0) {
    yield { path: ['command', 0], reason: 'the program must not depend on a parameter' };
  } else if (program === '' || (program.includes('/') && !isAbsolute(program))) {
    yield { path: ['command', 0], reason: 'must be an absolute path, or a name that is found in PATH' };
  }
  for (const [index, element] of command.entries()) {
    const path = ['command', index];
    const names = placeholdersIn(element);
    for (const name of names) {
      const parameter = known.get(name);
      if (!parameter) {
        yield {
          path,
          reason: `{{${name}}} names no parameter; there are: ${[...known.keys()].join(', ') || 'none'}`,
        };
      } else if (parameter.type === 'string' && parameter.secret) {
        yield {
          path,
          reason: `{{${name}}} is secret, and arguments can be read by every user of the host; the process finds it in its environment, as BOONER_PARAM_${name.toUpperCase()}`,
        };
      }
    }
    if (names.length > 0 && isShellScript(command, index)) {
      yield {
        path,
        reason: `a shell would run the value of {{${names[0]}}} as code; give it as an argument of its own: sh -c 'ping "$1"' sh '{{${names[0]}}}'`,
      };
    }
  }
}

/** Whether an argument is the script of a shell: it stands behind `-c`, and before that are a shell and its options alone. */
function isShellScript(command: readonly string[], index: number): boolean {
  if (!/^-[a-zA-Z]*c$/.test(command[index - 1] ?? '')) return false;
  const shell = command.slice(0, index - 1).findLastIndex((element) => SHELLS.has(basename(element)));
  if (shell === -1) return false;
  return command
    .slice(shell + 1, index - 1)
    .every((element, at, options) => /^[-+]/.test(element) || /^[-+][a-zA-Z]*o$/.test(options[at - 1] ?? ''));
}
