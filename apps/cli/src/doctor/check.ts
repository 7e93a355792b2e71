/** `skip`: not checked, because it could not be or does not apply here. */
export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

export type Finding = {
  /** Name of the check, such as `hub.port`. */
  readonly check: string;
  readonly status: FindingStatus;
  /** One sentence, without secrets. */
  readonly detail: string;
  /** Next step, with commands; `null` if there is nothing to do. */
  readonly hint: string | null;
};

/** Result of a check, to which {@link runChecks} adds the name of the check. */
export type CheckResult = Omit<Finding, 'check'>;

export type Check = {
  readonly name: string;
  /** Checks without which this one is meaningless: it is skipped if one fails or is skipped. */
  readonly needs?: readonly string[];
  /** Must end on its own within seconds. */
  readonly run: () => Promise<CheckResult | readonly CheckResult[]>;
};

export const ok = (detail: string): CheckResult => ({ status: 'ok', detail, hint: null });
export const warn = (detail: string, hint: string): CheckResult => ({ status: 'warn', detail, hint });
export const fail = (detail: string, hint: string): CheckResult => ({ status: 'fail', detail, hint });
export const skip = (detail: string): CheckResult => ({ status: 'skip', detail, hint: null });

/**
 * Runs checks in order. Skips checks that need one that failed or was skipped, so that each problem
 * is reported once.
 * @param onFinding called with each finding immediately
 */
export async function runChecks(
  checks: readonly Check[],
  onFinding: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const broken = new Map<string, string>();
  for (const { name, needs = [], run } of checks) {
    const cause = needs.map((need) => broken.get(need)).find((found) => found !== undefined);
    const result = cause === undefined ? await run() : skip(`not checked because of ${cause}`);
    const results = Array.isArray(result) ? result : [result as CheckResult];
    if (cause !== undefined) broken.set(name, cause);
    else if (
      results.some(({ status }) => status === 'fail') ||
      results.every(({ status }) => status === 'skip')
    )
      broken.set(name, name);
    for (const each of results) {
      const finding = { check: name, ...each };
      findings.push(finding);
      onFinding(finding);
    }
  }
  return findings;
}
