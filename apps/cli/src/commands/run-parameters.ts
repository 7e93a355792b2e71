import { readFile } from 'node:fs/promises';
import type { OfferedAction, Parameter, ParameterValue } from '@booner/protocol';
import { readJson } from '@booner/protocol/json-text';
import { Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { fieldPath } from '../errors/field-path.ts';

/** Parameters as typed. */
export type ParameterOptions = {
  /** `name=value`. */
  readonly param?: readonly string[];
  /** `name=FILE`. */
  readonly paramFile?: readonly string[];
};

/** Collects the values of an option that can be repeated. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** The option `--param`. */
export const paramOption = () =>
  new Option('-p, --param <name=value>', 'parameter; can be repeated').argParser(collect);

/**
 * Converts parameters to the types of the action: `-p seconds=5` becomes a number for an integer,
 * and `-p env='{"A":"1"}'` an object for JSON. A value that does not fit stays text, and the hub
 * rejects it.
 * @throws CliError for anything but `name=value`, for invalid JSON, and for a secret in the
 *   arguments, which every user of the machine can read
 */
export async function readParameters(
  { param = [], paramFile = [] }: ParameterOptions,
  action: OfferedAction | undefined,
): Promise<Record<string, ParameterValue>> {
  const values: Record<string, ParameterValue> = {};
  const known = new Map(action?.parameters.map((parameter) => [parameter.name, parameter]));
  for (const text of param) {
    const [name, value] = split(text, '-p');
    const parameter = known.get(name);
    if (parameter?.type === 'string' && parameter.secret) {
      throw usageError(
        `${name} is secret, but every user on this machine can read arguments`,
        `use --param-file ${name}=FILE, or --param-file ${name}=- to read it from stdin`,
      );
    }
    values[name] = typed(parameter, value);
  }
  for (const text of paramFile) {
    const [name, path] = split(text, '--param-file');
    values[name] = typed(known.get(name), (await readValue(path)).replace(/\r?\n$/, ''));
  }
  return values;
}

function split(text: string, flag: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`${flag} ${text}: expected name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function typed(parameter: Parameter | undefined, text: string): ParameterValue {
  if (parameter?.type === 'integer' && /^[+-]?\d+$/.test(text)) return Number(text);
  if (parameter?.type === 'boolean' && /^(true|yes|on|1)$/i.test(text)) return true;
  if (parameter?.type === 'boolean' && /^(false|no|off|0)$/i.test(text)) return false;
  if (parameter?.type === 'json') return parseJson(parameter.name, text);
  return text;
}

/** @throws CliError, also for inexact numbers and duplicate names, which the hub would reject */
function parseJson(name: string, text: string): ParameterValue {
  const read = readJson(text);
  if (read.ok) return read.value as ParameterValue;
  const { pointer, detail } = read.issue;
  const path = [name, fieldPath(pointer)].filter((part) => part !== '').join('.');
  throw usageError(`${path} ${detail}`, `quote it for the shell: -p ${name}='{"name":"value"}'`);
}

async function readValue(path: string): Promise<string> {
  if (path === '-') return readAll(process.stdin);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}

async function readAll(stream: NodeJS.ReadStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
