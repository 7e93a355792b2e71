/** `skip`: not looked at, since it could not be, or does not matter here. */
export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skip';

export type Finding = {
  /** Which check found it, such as `hub.port`. */
  readonly check: string;
  readonly status: FindingStatus;
  /** What is so, in one sentence without a secret. */
  readonly detail: string;
  /** Commands that mend it, or a phrase; `null` when nothing has to be mended. */
  readonly mend: string | null;
};

/** What a check says; the name of the check is added by who runs it. */
export type Said = Omit<Finding, 'check'>;

export type Check = {
  readonly name: string;
  /** Checks that have to be well, or at least not failed, before this one means anything. */
  readonly needs?: readonly string[];
  /** MUST end by itself within some seconds. */
  readonly look: () => Promise<Said | readonly Said[]>;
};

export const ok = (detail: string): Said => ({ status: 'ok', detail, mend: null });
export const warn = (detail: string, mend: string): Said => ({ status: 'warn', detail, mend });
export const fail = (detail: string, mend: string): Said => ({ status: 'fail', detail, mend });
export const skip = (detail: string): Said => ({ status: 'skip', detail, mend: null });

/**
 * Runs checks in their order. Those that need one that failed, or that could not be looked at, are skipped, so that one fault is named once.
 * @param onFinding called with each finding as soon as there is one
 */
export async function runChecks(
  checks: readonly Check[],
  onFinding: (finding: Finding) => void,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const broken = new Map<string, string>();
  for (const { name, needs = [], look } of checks) {
    const cause = needs.map((need) => broken.get(need)).find((found) => found !== undefined);
    const said = cause === undefined ? await look() : skip(`not looked at, because of ${cause}`);
    const all = Array.isArray(said) ? said : [said as Said];
    if (cause !== undefined) broken.set(name, cause);
    else if (all.some(({ status }) => status === 'fail') || all.every(({ status }) => status === 'skip'))
      broken.set(name, name);
    for (const each of all) {
      const finding = { check: name, ...each };
      findings.push(finding);
      onFinding(finding);
    }
  }
  return findings;
}
