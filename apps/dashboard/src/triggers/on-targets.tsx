export type OnTargetsProps = {
  readonly trigger: { readonly selector?: string | undefined; readonly host?: string | undefined };
};

/** The targets of a schedule or a hook: "on role=db". */
export function OnTargets({ trigger: { selector = '', host } }: OnTargetsProps) {
  const targets = host ?? selector;
  return targets === '' ? (
    'on no target'
  ) : (
    <>
      on <span className="font-mono text-sm text-ink">{targets}</span>
    </>
  );
}
