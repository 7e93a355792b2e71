/**
 * Roles in ascending order: `viewer` reads, `operator` also runs and cancels tasks, `admin` also
 * manages access and targets.
 */
export const ROLES = ['viewer', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Returns true if `role` includes the rights of `needed`. */
export const includesRole = (role: Role, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Returns the role with the most rights, or `null` if there is none. */
export const highestRole = (roles: Iterable<Role>): Role | null => {
  const given = new Set(roles);
  return ROLES.findLast((role) => given.has(role)) ?? null;
};
