import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHostId } from './host-id.ts';
import { type Labels, SYSTEM_KEYS } from './labels.ts';
import { MAX_SELECTOR_CHARACTERS, MAX_SELECTOR_TERMS, MAX_SELECTOR_WILDCARDS } from './limits.ts';
import {
  type AccessSelector,
  namedHosts,
  parseAccessSelector,
  parseViewSelector,
  type ViewSelector,
} from './selector.ts';
import { formatSelector, parseExpression, type SelectorExpression } from './selector-expression.ts';
import { accessSelectorSchema, accessSelectorTextSchema, viewSelectorSchema } from './selector-schema.ts';

const host = (text: string) => parseHostId(text)!;
const DB = {
  host: host('10.0.0.2'),
  labels: { role: 'db', env: 'prod', note: 'rack 4, left', spare: '' },
  operatorLabels: { role: 'db' },
  system: { os: 'linux', arch: 'x64', gpu: 'NVIDIA GeForce RTX 3080', version: '0.2.0' },
} as const;
const BARE = {
  host: host('web-1.example.org'),
  labels: {},
  operatorLabels: {},
  system: { os: null, arch: null, gpu: null, version: null },
} as const;

function view(text: string): ViewSelector {
  const parsed = parseViewSelector(text);
  if (!parsed.ok) throw new Error(parsed.issue.detail);
  return parsed.value;
}
function access(text: string): AccessSelector {
  const parsed = parseAccessSelector(text);
  if (!parsed.ok) throw new Error(parsed.issue.detail);
  return parsed.value;
}

describe('a selector for views', () => {
  it.each([
    ['*', true, true],
    ['role=db', true, false],
    ['role==db', true, false],
    ['role=web', false, false],
    ['role!=db', false, true],
    ['role in (db,web)', true, false],
    ['role notin (web,cache)', true, true],
    ['role', true, false],
    ['!role', false, true],
    ['role=db,env=prod', true, false],
    ['role=db,env!=prod', false, false],
    ['spare', true, false],
    ['spare=""', true, false],
    ['spare=*', true, false],
    ['note="rack 4, left"', true, false],
    ['note="rack *"', true, false],
    ['note=*left', true, false],
    ['note="rack \\*"', false, false],
    ['role=d*b', true, false],
    ['role=db*db', false, false],
    ['role!=d*', false, true],
    ['role in (c*,d*)', true, false],
    ['host=10.0.0.*', true, false],
    ['host=WEB-1.*', false, true],
    ['host in (10.0.0.2,web-1.example.org)', true, true],
    ['!host', false, false],
    ['os=linux,arch=x64,version=0.2.*', true, false],
    ['os!=linux', false, true],
    ['gpu', true, false],
    ['!gpu', false, true],
    ['gpu="*RTX 3080*"', true, false],
    ['constructor', false, false],
    ['in=db', false, false],
    ['notin', false, false],
  ])('%s', (text, matchesDb, matchesBare) => {
    expect([view(text).matches(DB), view(text).matches(BARE)]).toEqual([matchesDb, matchesBare]);
  });
});

describe('a selector for access', () => {
  it.each([
    ['*', true, true],
    ['role=db', true, false],
    ['env=prod', false, false],
    ['env!=prod', true, true],
    ['host=10.0.0.2', true, false],
    ['!role', false, true],
  ])('considers operators’ labels and the host alone: %s', (text, matchesDb, matchesBare) => {
    expect([access(text).matches(DB), access(text).matches(BARE)]).toEqual([matchesDb, matchesBare]);
  });

  it.each(['os=linux', '!gpu', 'role=db,version!=0.1.0', 'arch in (x64)'])(
    'has no name that an agent reports: %s',
    (text) => {
      const issue = { position: text.includes(',') ? 8 : text.startsWith('!') ? 1 : 0 };
      expect(parseAccessSelector(text)).toMatchObject({ ok: false, issue });
      expect(parseViewSelector(text).ok).toBe(true);
    },
  );
});

describe('the empty selector', () => {
  it.each(['', ' ', '   '])('selects nothing: %j', (text) => {
    for (const selector of [view(text), access(text)]) {
      expect(selector.text).toBe('');
      expect([DB, BARE].some(selector.matches)).toBe(false);
    }
  });
});

describe('the canonical text', () => {
  it.each([
    ['*', '*'],
    [' role = db ', 'role=db'],
    ['role==db', 'role=db'],
    ['role="db"', 'role=db'],
    ['role in (db)', 'role=db'],
    ['role notin (db)', 'role!=db'],
    ['role in (web, db,"db")', 'role in (db,web)'],
    ['role=db,env=prod,role=db', 'env=prod,role=db'],
    ['host=10.0.0.**', 'host=10.0.0.*'],
    ['host in (B,a)', 'host in (a,b)'],
    ['! gpu', '!gpu'],
    ['a="x y",b="",c="\\*"', 'a="x y",b="",c="\\*"'],
  ])('of %s is %s', (text, canonical) => expect(view(text).text).toBe(canonical));
});

describe('an issue has a place and a remedy', () => {
  it.each([
    ['role=', 5, /for an empty value write role="", for any value role/],
    ['role=,env', 5, /where a value must be/],
    ['role=db env=prod', 8, /put a comma between terms/],
    ['gpu=NVIDIA GeForce', 11, /quotes around a value with spaces/],
    ['role=db,', 8, /remove the comma/],
    [',role=db', 0, /remove the comma/],
    ['role=db,,env', 8, /remove the comma/],
    ['Role=db', 0, /"Role" must be a label key/],
    ['"role"=db', 0, /must be a label key/],
    ['role db', 5, /write one of =, !=/],
    ['role=a=b', 6, /quotes/],
    ['role in db', 8, /parentheses, such as role in \(db,web\)/],
    ['role in ()', 9, /where a value must be/],
    ['role in (db', 11, /a comma or "\)"/],
    ['role in (db web)', 12, /quotes around spaces/],
    ['role=(db)', 5, /where a value must be/],
    ['!role=db', 5, /put a comma/],
    ['!', 1, /where a term must begin/],
    ['*,role=db', 0, /write "\*" alone/],
    ['role=db,*', 8, /write "\*" alone/],
    ['version<2', 7, /double quotes/],
    ['role="db', 5, /end it with "/],
    ['role="d\\b"', 5, /\\\\ for a backslash/],
    ['role=d\u202eb', 6, /invisible/],
    ['role=d\ud800b', 6, /invisible/],
  ])('%s', (text, position, detail) => {
    expect(parseViewSelector(text)).toEqual({
      ok: false,
      issue: { position, detail: expect.stringMatching(detail) },
    });
  });

  it.each([
    ['characters', 'x'.repeat(MAX_SELECTOR_CHARACTERS + 1), /at most 4096 characters, not 4097/],
    [
      'terms',
      Array(MAX_SELECTOR_TERMS + 1)
        .fill('a')
        .join(),
      /at most 32 terms/,
    ],
    ['wildcards', `a=${'x*'.repeat(MAX_SELECTOR_WILDCARDS + 1)}`, /at most 32 wildcards/],
  ])('with too many %s', (_, text, detail) => {
    expect(parseViewSelector(text)).toMatchObject({
      ok: false,
      issue: { detail: expect.stringMatching(detail) },
    });
  });

  it('that schemas show', () => {
    const issues = viewSelectorSchema.safeParse('role=db,').error?.issues;
    expect(issues?.[0]?.message).toMatch(/remove the comma \(at character 9\)$/);
    expect(accessSelectorSchema.safeParse('gpu').success).toBe(false);
    expect(accessSelectorSchema.parse('host=*').matches(DB)).toBe(true);
    expect(accessSelectorTextSchema.parse(' role  in (b, a)')).toBe('role in (a,b)');
    expect(accessSelectorTextSchema.safeParse(7).success).toBe(false);
  });
});

// A few characters make collisions of labels, values and patterns likely.
const keys = fc.constantFrom('a', 'b', 'in', 'constructor', 'host', 'os', 'gpu');
const piece = fc.string({
  unit: fc.constantFrom('x', 'y', ' ', ',', ')', '"', '\\', '*', '=', '!', 'é', '😀'),
  maxLength: 3,
});
const pattern = fc.oneof(
  piece.map((text) => [text]),
  fc.array(piece, { minLength: 2, maxLength: 4 }),
);
const expressions: fc.Arbitrary<SelectorExpression> = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*' as const) },
  {
    weight: 20,
    arbitrary: fc.array(
      fc.oneof(
        fc.record({ key: keys, operator: fc.constantFrom('exists', 'absent') }),
        fc.record({
          key: keys,
          operator: fc.constantFrom('in', 'notin'),
          values: fc.array(pattern, { minLength: 1, maxLength: 3 }),
        }),
      ),
      { maxLength: 4 },
    ),
  },
);
const values = fc.option(
  fc.oneof(
    piece,
    fc.tuple(piece, piece).map((pair) => pair.join('')),
  ),
  { nil: null },
);
const subjects = fc
  .record({ a: values, b: values, in: values, constructor: values, os: values, gpu: values })
  .map(({ os, gpu, ...rest }) => ({
    host: host('xy'),
    labels: Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as Labels,
    system: { os, gpu, arch: null, version: null },
  }));

const read = (text: string) => {
  const parsed = parseExpression(text, () => null);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.issue.detail}`);
  return parsed.value;
};

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A naive model of the grammar: it compiles nothing. */
function naiveMatch(
  expression: SelectorExpression,
  subject: Parameters<ViewSelector['matches']>[0],
): boolean {
  if (expression === '*') return true;
  const facts = new Map<string, string | null>([
    ...Object.entries(subject.labels),
    ...Object.entries(subject.system),
    ['host', subject.host],
  ]);
  const holds = expression.map((term) => {
    const value = facts.get(term.key) ?? null;
    if (term.operator === 'exists') return value !== null;
    if (term.operator === 'absent') return value === null;
    if (!('values' in term)) throw new Error('a term without values');
    const isListed = term.values.some((parts) => {
      const quoted = parts.map((part) => escaped(term.key === 'host' ? part.toLowerCase() : part));
      return value !== null && new RegExp(`^${quoted.join('[^]*')}$`).test(value);
    });
    return term.operator === 'in' ? isListed : !isListed;
  });
  return holds.length > 0 && holds.every(Boolean);
}

describe('for any selector', () => {
  it('format and parse are inverse, and the canonical text stays as it is', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        const text = formatSelector(expression);
        const parsed = read(text);
        const canonical = formatSelector(parsed);
        expect(read(canonical)).toEqual(parsed);
        expect(formatSelector(read(canonical))).toBe(canonical);
      }),
    );
  });

  it('the outcome is that of a naive reading of its terms', () => {
    fc.assert(
      fc.property(expressions, subjects, (expression, subject) => {
        const selector = view(formatSelector(expression));
        expect(selector.matches(subject)).toBe(naiveMatch(expression, subject));
      }),
      { numRuns: 2000 },
    );
  });

  it('any text is parsed or has an issue within it', () => {
    const unit = fc.constantFrom(
      ...'a=!,()"\\* \t',
      'in',
      'notin',
      '\u200b',
      '\ud800',
      '😀',
      'host',
      ...SYSTEM_KEYS,
    );
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })), (text) => {
        for (const parsed of [parseViewSelector(text), parseAccessSelector(text)]) {
          if (parsed.ok) expect(view(parsed.value.text).text).toBe(parsed.value.text);
          else {
            expect(parsed.issue.position).toBeGreaterThanOrEqual(0);
            expect(parsed.issue.position).toBeLessThanOrEqual(text.length);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

it('knows the hosts that a selector names', () => {
  const named = (text: string) => {
    const hosts = namedHosts(text);
    return hosts && [...hosts];
  };
  expect(named('host=10.0.0.2,role=db')).toEqual(['10.0.0.2']);
  expect(named('host in (10.0.0.2,DB-1)')).toEqual(['10.0.0.2', 'db-1']);
  for (const text of ['*', 'role=db', 'host=10.0.0.*', 'host!=10.0.0.2', 'host'])
    expect(named(text)).toBeNull();
  for (const text of ['', ' ', 'host=']) expect(named(text)).toEqual([]);
});

describe('work is linear', () => {
  it('where backtracking would never end', () => {
    const selector = view(`host=${'*a'.repeat(MAX_SELECTOR_WILDCARDS)}b`);
    const subject = { ...BARE, host: 'a'.repeat(253) as typeof BARE.host };
    expect(selector.matches(subject)).toBe(false);
  });

  it('for the longest texts of one kind of character', () => {
    for (const character of ['"', '\\', '(', ',', '!', '*', ' ', 'a']) {
      const text = character.repeat(MAX_SELECTOR_CHARACTERS);
      expect([text[0], parseViewSelector(text).ok]).toEqual([text[0], character === ' ']);
    }
  });
});
