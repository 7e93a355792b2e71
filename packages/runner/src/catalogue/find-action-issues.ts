import { isAbsolute } from 'node:path';
import type { Parameter } from '@booner/protocol';
import { checkParameters, findPatternIssue } from '@booner/protocol/action-parameters';
import type { CommandTemplate } from './action.ts';
import type { ActionFile } from './action-file-schema.ts';
import { placeholdersIn } from './command-template.ts';
import { findShellCode } from './find-shell-code.ts';

/** An issue at one place of a file. */
type FileIssue = { readonly path: readonly PropertyKey[]; readonly reason: string };

/** Finds issues between keys that are valid each by itself. */
export function findActionIssues(file: ActionFile): FileIssue[] {
  const issues: FileIssue[] = [];
  if (file.lock !== undefined && file.concurrency !== undefined) {
    issues.push({
      path: ['concurrency'],
      reason: 'use either lock or concurrency: a lock already means one run at a time',
    });
  }
  if (file.retry !== undefined && !file.idempotent) {
    issues.push({
      path: ['retry'],
      reason: 'requires idempotent: true, which says that the action may run more than once',
    });
  }
  for (const key of ['network', 'writablePaths'] as const) {
    if (file[key] === undefined || file.sandbox === 'strict') continue;
    issues.push({ path: [key], reason: `is only used with sandbox: strict, not with ${file.sandbox}` });
  }
  const known = new Map<string, Parameter>();
  for (const [index, parameter] of file.parameters.entries()) {
    if (known.has(parameter.name)) {
      issues.push({
        path: ['parameters', index, 'name'],
        reason: `there is another parameter named ${JSON.stringify(parameter.name)}`,
      });
    }
    known.set(parameter.name, parameter);
    for (const { path, reason } of findParameterIssues(parameter)) {
      issues.push({ path: ['parameters', index, ...path], reason });
    }
  }
  for (const { path, command } of commandsOf(file)) {
    for (const issue of findCommandIssues(command, known)) {
      issues.push({ ...issue, path: [...path, ...issue.path] });
    }
  }
  issues.push(...findStepIssues(file));
  for (const [name, value] of Object.entries(file.env)) {
    for (const placeholder of placeholdersIn(value)) {
      issues.push({
        path: ['env', name],
        reason: `{{${placeholder}}} is filled in only in the command; the process can read each parameter from its environment as BOONER_PARAM_<NAME>`,
      });
    }
  }
  return issues;
}

type PlacedCommand = { readonly path: readonly PropertyKey[]; readonly command: CommandTemplate };

const commandsOf = ({ command, steps = [], check }: ActionFile): PlacedCommand[] => [
  ...(command === undefined ? [] : [{ path: ['command'], command }]),
  ...steps.map((step, index) => ({ path: ['steps', index, 'command'], command: step.command })),
  ...(check === undefined ? [] : [{ path: ['check'], command: check }]),
];

function* findStepIssues({ command, steps }: ActionFile): Iterable<FileIssue> {
  if (command === undefined && steps === undefined) {
    yield { path: ['command'], reason: 'is missing: an action has a command, or steps' };
  }
  if (command !== undefined && steps !== undefined) {
    yield { path: ['steps'], reason: 'use either command or steps' };
  }
  const names = new Set<string>();
  for (const [index, { name }] of (steps ?? []).entries()) {
    if (names.has(name)) {
      yield {
        path: ['steps', index, 'name'],
        reason: `there is another step named ${JSON.stringify(name)}`,
      };
    }
    names.add(name);
  }
}

function* findParameterIssues(parameter: Parameter): Iterable<FileIssue> {
  if (parameter.type === 'string' && parameter.pattern !== undefined) {
    const reason = findPatternIssue(parameter);
    // A default cannot be checked against an invalid pattern.
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
        yield { path: ['choices', index], reason: 'must not contain a NUL or a line break' };
      }
    }
  }
  if (parameter.default === undefined) return;
  if (parameter.type === 'string' && parameter.secret) {
    return yield {
      path: ['default'],
      reason: 'a secret parameter cannot have a default: everyone can see defaults',
    };
  }
  const checked = checkParameters([parameter], { [parameter.name]: parameter.default });
  if (!checked.ok) {
    for (const { detail } of checked.issues) {
      yield { path: ['default'], reason: `is not a valid value of this parameter: ${detail}` };
    }
  }
}

/** Finds issues of one command, with paths inside it. */
function* findCommandIssues(
  command: CommandTemplate,
  known: ReadonlyMap<string, Parameter>,
): Iterable<FileIssue> {
  const program = command[0]!;
  if (placeholdersIn(program).length > 0) {
    yield { path: [0], reason: 'the program must not depend on a parameter' };
  } else if (program === '' || (program.includes('/') && !isAbsolute(program))) {
    yield { path: [0], reason: 'must be an absolute path, or a name that is found in PATH' };
  }
  const shellCode = findShellCode(command);
  for (const [index, element] of command.entries()) {
    const path = [index];
    const names = placeholdersIn(element);
    for (const name of names) {
      const parameter = known.get(name);
      if (!parameter) {
        yield {
          path,
          reason: `{{${name}}} is not a parameter of this action; its parameters: ${[...known.keys()].join(', ') || 'none'}`,
        };
      } else if (parameter.type === 'string' && parameter.secret) {
        yield {
          path,
          reason: `{{${name}}} is secret, and every user of the host can read arguments; the process can read it from its environment as BOONER_PARAM_${name.toUpperCase()}`,
        };
      }
    }
    const unsafe = names.find((name) => canHoldCode(known.get(name)));
    const shell = shellCode.get(index);
    if (unsafe === undefined || shell === undefined) continue;
    const fix =
      shell === 'here'
        ? `pass it as a separate argument: sh -c 'ping "$1"' sh '{{${unsafe}}}'`
        : `call a script of this host that quotes BOONER_PARAM_${unsafe.toUpperCase()} for it, such as with printf %q`;
    yield { path, reason: `a shell would run the value of {{${unsafe}}} as code; ${fix}` };
  }
}

/** Returns false for values that are digits, words of this program, or written in the file. */
const canHoldCode = (parameter: Parameter | undefined): boolean =>
  parameter?.type === 'string' || parameter?.type === 'json';
