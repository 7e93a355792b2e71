import { describe, expect, it } from 'vitest';
import { groupsOf, roleOf, subjectOf } from './oidc-person.ts';

describe('a person of the identity provider', () => {
  it.each([
    [
      { sub: '7', email: 'ada@example.org', email_verified: true, preferred_username: 'ada' },
      'ada@example.org',
    ],
    [{ sub: '7', email: 'ada@example.org' }, 'ada@example.org'],
    [{ sub: '7', email: 'boss@example.org', email_verified: false, preferred_username: 'ada' }, 'ada'],
    [{ sub: '7', email: '\u001b[2J\n ada@example.org\u202e' }, '[2J ada@example.org'],
    [{ sub: '\n' }, 'nameless'],
    [{ sub: '7', email: ' ', preferred_username: 5 }, '7'],
  ])('%j is called %s', (claims, name) => expect(subjectOf(claims)).toBe(name));

  it.each([
    [{ groups: ['a', 5, 'b'] }, 'groups', ['a', 'b']],
    [{ groups: 'a' }, 'groups', ['a']],
    [{ realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
    [{ 'https://example.org/groups': ['a'] }, 'https://example.org/groups', ['a']],
    [{ groups: [] }, 'groups', []],
    [{ groups: { a: true } }, 'groups', null],
    [{}, 'constructor.name', null],
    [{}, 'groups', null],
  ])('%j has in %s the groups %j', (claims, claim, groups) =>
    expect(groupsOf(claims, claim)).toEqual(groups),
  );

  it('has the highest of the roles of the groups', () => {
    const roles = [
      { group: 'dev', role: 'operator' },
      { group: 'ops', role: 'admin' },
      { group: 'staff', role: 'viewer' },
    ] as const;
    expect(roleOf(['staff', 'ops', 'dev'], roles)).toBe('admin');
    expect(roleOf(['dev', 'staff'], roles)).toBe('operator');
    expect(roleOf(['OPS', '*', ''], roles)).toBeNull();
    expect(roleOf([], [...roles, { group: '*', role: 'viewer' }])).toBe('viewer');
  });
});
