/** Steps of compiling one instruction, beside one per character of a value. */
const INSTRUCTION_STEPS = 20;
/** Steps of compiling a class such as `\pL`, which has hundreds of ranges. */
const UNICODE_CLASS_STEPS = 200;

/** `{2}`, `{2,}` or `{2,5}`. */
const REPEAT = /\{(\d+)(?:(,)(\d*))?\}/y;
/** `(?:`, `(?i)`, `(?i:`, `(?P<name>` or `(?<name>`. */
const GROUP_HEAD = /\(\?(?:P?<[^>]*>|[a-zA-Z-]*[:)])/y;
/** `\pL`, `\p{Greek}` or `\P{^Greek}`. */
const UNICODE_CLASS = /\\[pP](?:\{[^}]*\}|.)/sy;
/** `\x{e000}`, `\x41` or `\101`. */
const CODE_POINT = /\\(?:x\{([\da-fA-F]*)\}|x([\da-fA-F]{2})|([0-7]{1,3}))/y;
const QUOTED = /\\Q.*?(?:\\E|$)/sy;
const POSIX_CLASS = /\[:.*?:\]/sy;
const IGNORES_CASE = /\(\?[a-zA-Z-]*i/;

/** Cost of the elements of a group so far, and of the last one, which a quantifier repeats. */
type Group = { total: number; last: number };

/**
 * Bounds the work of compiling a pattern in RE2 syntax and of matching a value with it, before
 * either is done. RE2 is linear in the value, but not in the pattern: `\pL{1000}` has nine
 * characters and compiles to a thousand instructions with hundreds of ranges each. The estimate
 * takes time linear in the pattern and is never below instructions times `maxLength`. It is of no
 * use for a pattern that is not RE2 syntax.
 * @param maxLength length of the longest value, in UTF-16 code units
 * @returns steps, about 0.1 µs each
 */
export function patternSteps(pattern: string, maxLength: number): number {
  const instruction = maxLength + INSTRUCTION_STEPS;
  const foldsCase = IGNORES_CASE.test(pattern);
  const outer: Group[] = [];
  let group: Group = { total: 3 * instruction, last: 0 };
  let at = 0;

  /** Returns the match of a sticky expression here, and moves behind it. */
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const match = expression.exec(pattern);
    if (match !== null) at = expression.lastIndex;
    return match;
  };
  const add = (cost: number) => {
    group.total += cost;
    group.last = cost;
  };
  /** Replaces the last element by copies of it and further instructions. */
  const repeat = (copies: number, instructions: number) => {
    const { last } = group;
    group.total -= last;
    add(last * copies + instructions * instruction);
  };
  const takeCodePoint = (): number => {
    const code = take(CODE_POINT);
    if (code !== null) {
      const [, long, short, octal] = code;
      return octal === undefined ? Number.parseInt(long ?? short ?? '', 16) : Number.parseInt(octal, 8);
    }
    if (pattern[at] === '\\') at += 1;
    const codePoint = pattern.codePointAt(at) ?? 0;
    at += codePoint > 0xffff ? 2 : 1;
    return codePoint;
  };
  /** Moves behind a class and returns the cost of compiling it. */
  const takeClass = (): number => {
    let steps = 0;
    at += 1;
    if (pattern[at] === '^') at += 1;
    for (let isFirst = true; at < pattern.length && (isFirst || pattern[at] !== ']'); isFirst = false) {
      if (take(UNICODE_CLASS) !== null) steps += UNICODE_CLASS_STEPS;
      else if (take(POSIX_CLASS) !== null) steps += 1;
      else {
        const low = takeCodePoint();
        steps += 1;
        if (pattern[at] !== '-' || at + 1 >= pattern.length || pattern[at + 1] === ']') continue;
        at += 1;
        const high = takeCodePoint();
        // To ignore case, each character of a range is looked up by itself.
        if (foldsCase) steps += Math.max(0, high - low);
      }
    }
    at += 1;
    return steps;
  };

  while (at < pattern.length) {
    const head = take(GROUP_HEAD)?.[0];
    if (head?.endsWith(')')) continue; // flags of what follows
    if (head !== undefined || pattern[at] === '(') {
      if (head === undefined) at += 1;
      outer.push(group);
      group = { total: 3 * instruction, last: 0 };
      continue;
    }
    const counted = take(REPEAT);
    if (counted !== null) {
      const [, least = '', isRange, most = ''] = counted;
      const copies = Math.max(1, Number(least), Number(most));
      repeat(copies, isRange === undefined ? 0 : most === '' ? 2 : copies - Number(least));
      continue;
    }
    const quoted = take(QUOTED)?.[0].length;
    if (quoted !== undefined) {
      group.total += quoted * instruction;
      group.last = instruction;
      continue;
    }
    if (take(UNICODE_CLASS) !== null) {
      add(instruction + UNICODE_CLASS_STEPS);
      continue;
    }
    switch (pattern[at]) {
      case '[':
        add(instruction + takeClass());
        continue;
      case '\\':
        takeCodePoint();
        add(instruction);
        continue;
      case '*':
      case '+':
      case '?':
        repeat(1, 2);
        break;
      case '|':
        add(2 * instruction);
        break;
      case ')': {
        const { total } = group;
        group = outer.pop() ?? group;
        add(total);
        break;
      }
      default:
        add(instruction);
    }
    at += 1;
  }
  return outer.reduce((total, each) => total + each.total, group.total);
}
