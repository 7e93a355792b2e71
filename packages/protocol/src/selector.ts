import type { HostId } from './host-id.ts';
import type { Parsed } from './label-text.ts';
import { isSystemKey, type Labels, type SystemKey } from './labels.ts';
import {
  formatSelector,
  parseExpression,
  type SelectorExpression,
  type ValuePattern,
} from './selector-expression.ts';

/** What access, schedules and rollouts know of a target: nothing that its agent says. */
export type AccessSubject = {
  readonly host: HostId;
  /** Labels that operators set. */
  readonly operatorLabels: Labels;
};

/** What an agent says about its host under the built-in names; `null`: unknown or absent. */
export type SystemFacts = Readonly<Record<SystemKey, string | null>>;

/** What views know of a target. */
export type ViewSubject = {
  readonly host: HostId;
  /** Labels of agent and operators. */
  readonly labels: Labels;
  readonly system: SystemFacts;
};

/** Returns the labels and the system of a target's entry, which an older hub may have sent. */
export const viewSubjectOf = ({
  host,
  labels = {},
  system = { os: null, arch: null, gpu: null, version: null },
}: Pick<ViewSubject, 'host'> & {
  readonly labels?: Labels | undefined;
  readonly system?: SystemFacts | undefined;
}): ViewSubject => ({ host, labels, system });

type Selector<Use extends string, Subject> = {
  readonly use: Use;
  /** Canonical text: equal for equal selectors. Empty: selects nothing. */
  readonly text: string;
  readonly matches: (subject: Subject) => boolean;
};

/**
 * Decides what a credential, a schedule or a rollout covers. Considers the host and operators'
 * labels only, so that an agent cannot move its host into another scope.
 */
export type AccessSelector = Selector<'access', AccessSubject>;

/** Decides what is shown. Considers all labels and all built-in names. */
export type ViewSelector = Selector<'view', ViewSubject>;

/** Parses and compiles an {@link AccessSelector}. Names that agents report are an issue. */
export function parseAccessSelector(text: string): Parsed<AccessSelector> {
  const parsed = parseExpression(text, (key) =>
    isSystemKey(key)
      ? 'is reported by the agent and must not decide this: use host, or a label that an operator sets'
      : null,
  );
  if (!parsed.ok) return parsed;
  const lookUp = ({ host, operatorLabels }: AccessSubject, key: string) =>
    key === 'host' ? host : ownValue(operatorLabels, key);
  return { ok: true, value: { use: 'access', ...compile(parsed.value, lookUp) } };
}

/** Parses and compiles a {@link ViewSelector}. */
export function parseViewSelector(text: string): Parsed<ViewSelector> {
  const parsed = parseExpression(text, () => null);
  if (!parsed.ok) return parsed;
  const lookUp = ({ host, labels, system }: ViewSubject, key: string) => {
    if (key === 'host') return host;
    return isSystemKey(key) ? system[key] : ownValue(labels, key);
  };
  return { ok: true, value: { use: 'view', ...compile(parsed.value, lookUp) } };
}

/**
 * Returns the only hosts that a selector can match, if its text names them, as in `host=10.0.0.2`
 * or `host in (10.0.0.2,10.0.0.3),role=db`. `null`: any host may match, now or later. An invalid
 * selector and the empty one match none.
 */
export function namedHosts(text: string): ReadonlySet<string> | null {
  const parsed = parseExpression(text, () => null);
  if (!parsed.ok || parsed.value.length === 0) return new Set();
  if (parsed.value === '*') return null;
  for (const term of parsed.value) {
    if (term.key !== 'host' || term.operator !== 'in') continue;
    if (term.values.every((parts) => parts.length === 1)) return new Set(term.values.map(([host]) => host!));
  }
  return null;
}

/**
 * As in Kubernetes, a target without the key matches `!=` and `notin`.
 * @param lookUp returns the value of a key, or `null`
 */
function compile<Subject>(
  expression: SelectorExpression,
  lookUp: (subject: Subject, key: string) => string | null,
): Omit<Selector<string, Subject>, 'use'> {
  const text = formatSelector(expression);
  if (expression === '*') return { text, matches: () => true };
  const conditions = expression.map((term) => {
    const { key, operator } = term;
    switch (operator) {
      case 'exists':
        return (subject: Subject) => lookUp(subject, key) !== null;
      case 'absent':
        return (subject: Subject) => lookUp(subject, key) === null;
      case 'in':
      case 'notin': {
        const isListed = compileValues(term.values);
        return (subject: Subject) => {
          const value = lookUp(subject, key);
          return (value !== null && isListed(value)) === (operator === 'in');
        };
      }
      default:
        return operator satisfies never;
    }
  });
  const isEmpty = conditions.length === 0;
  return { text, matches: (subject) => !isEmpty && conditions.every((holds) => holds(subject)) };
}

function compileValues(values: readonly ValuePattern[]): (value: string) => boolean {
  const exact = new Set(values.flatMap((parts) => (parts.length === 1 ? parts : [])));
  const patterns = values.filter((parts) => parts.length > 1);
  return (value) => exact.has(value) || patterns.some((parts) => matchesPattern(parts, value));
}

/** Takes the first place for each part, which never needs to be revised. */
function matchesPattern(parts: ValuePattern, value: string): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  const end = value.length - last.length;
  if (first.length > end || !value.startsWith(first) || !value.endsWith(last)) return false;
  let position = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, position);
    if (found === -1 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}

const ownValue = (labels: Labels, key: string): string | null =>
  Object.hasOwn(labels, key) ? (labels[key] ?? null) : null;
