import { z } from 'zod';
import { findJsonIssue, JSON_PARAMETER_BOUNDS } from './json-bounds.ts';
import type { JsonObject } from './json-object.ts';
import { MAX_PARAMETER_CHARACTERS } from './parameter-bounds.ts';
import { secretNamesSchema } from './secret.ts';
import { actionNameSchema } from './task.ts';
import { MAX_STEPS, stepNameSchema } from './task-step.ts';
import { visibleText } from './visible-text.ts';

/** Lowest role that may run an action, from its file. */
export const actionRoleSchema = z.enum(['operator', 'admin']);

/** Role whose consent a run of an action needs, from its file. */
export const actionApprovalSchema = z.enum(['operator', 'admin']);

/** Name of a parameter. It becomes an environment variable in upper case, hence the alphabet. */
export const parameterNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be 1 to 64 of a-z, 0-9 and "_", and start with a letter');

const description = ({ maxLength }: { maxLength: number }) =>
  z
    .string()
    .max(maxLength)
    .overwrite((text) => visibleText(text, { keep: '\n\t' }))
    .default('');

const common = {
  name: parameterNameSchema,
  description: description({ maxLength: 500 }),
  required: z.boolean().default(false),
};

const stringParameter = z.strictObject({
  ...common,
  type: z.literal('string'),
  /** Regular expression in RE2 syntax that must match the whole value. */
  pattern: z.string().max(500).optional(),
  maxLength: z.int().min(1).max(MAX_PARAMETER_CHARACTERS).default(256),
  default: z.string().optional(),
  /** Passed to the process only in its environment, and never shown. */
  secret: z.boolean().default(false),
  /** True if a value may start with `-`, which the program could take for an option. */
  allowLeadingDash: z.boolean().default(false),
});

const integerParameter = z.strictObject({
  ...common,
  type: z.literal('integer'),
  min: z.int().optional(),
  max: z.int().optional(),
  default: z.int().optional(),
});

const booleanParameter = z.strictObject({
  ...common,
  type: z.literal('boolean'),
  default: z.boolean().optional(),
});

const choiceParameter = z.strictObject({
  ...common,
  type: z.literal('choice'),
  choices: z.array(z.string().min(1).max(MAX_PARAMETER_CHARACTERS)).min(1).max(100),
  default: z.string().optional(),
});

/** A JSON object or array. Its text begins with a bracket, so no program takes it for an option. */
export type JsonContainer = JsonObject | JsonObject[string][];

const jsonContainerSchema = z.unknown().superRefine((value, context) => {
  const isContainer = typeof value === 'object' && value !== null;
  const message = isContainer
    ? findJsonIssue(value, JSON_PARAMETER_BOUNDS)
    : 'must be a JSON object or array';
  if (message !== null) context.addIssue({ code: 'custom', message });
}) as unknown as z.ZodType<JsonContainer>;

/** Passed to the process as compact JSON: in one argument or part of one, and in one variable. */
const jsonParameter = z.strictObject({
  ...common,
  type: z.literal('json'),
  /** Limit on the compact text, in bytes of UTF-8. */
  maxBytes: z.int().min(2).max(JSON_PARAMETER_BOUNDS.maxBytes).default(4096),
  default: jsonContainerSchema.optional(),
});

/**
 * One parameter of an action, as the target's file defines it. An unknown key is a mistake in the
 * file.
 */
export const parameterSchema = z.discriminatedUnion('type', [
  stringParameter,
  integerParameter,
  booleanParameter,
  choiceParameter,
  jsonParameter,
]);

/** A parameter as hubs and clients see it. A newer runner may add fields. */
const offeredParameterSchema = z.discriminatedUnion('type', [
  z.object(stringParameter.shape),
  z.object(integerParameter.shape),
  z.object(booleanParameter.shape),
  z.object(choiceParameter.shape),
  z.object(jsonParameter.shape),
]);
export type Parameter = z.infer<typeof parameterSchema>;
export type ParameterValue = string | number | boolean | JsonContainer;

/** An action that a target offers: what a caller needs to know, not how it runs. */
export const offeredActionSchema = z.object({
  name: actionNameSchema,
  description: description({ maxLength: 2000 }),
  parameters: z.array(offeredParameterSchema).max(50),
  timeoutSeconds: z.int().positive(),
  /** Lowest role that may run it. Default: `operator`. */
  role: actionRoleSchema.optional(),
  /** True if a schedule may start it. Default: false. */
  schedulable: z.boolean().optional(),
  /** Role that must approve each run. Absent: no approval is needed. */
  approval: actionApprovalSchema.optional(),
  /** True if it has a `check` command, for dry runs. Default: false. */
  checkable: z.boolean().optional(),
  /** Names of the secrets that it receives. Absent: none. */
  secrets: secretNamesSchema.optional(),
  /** Names of its steps, in order. Absent: it has one command. */
  steps: z.array(stepNameSchema).max(MAX_STEPS).optional(),
});
export type OfferedAction = z.infer<typeof offeredActionSchema>;
