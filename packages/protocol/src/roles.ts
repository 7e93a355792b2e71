/** What somebody may do, from little to much: `viewer` reads, `operator` also runs and cancels tasks, `admin` also manages access and targets. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Whether a role allows what needs `needed`. */
export const includesRole = (role: Role, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** The one that allows most; `null` of none. */
export const highestRole = (roles: Iterable<Role>): Role | null => {
  const given = new Set(roles);
  return ROLES.findLast((role) => given.has(role)) ?? null;
};
