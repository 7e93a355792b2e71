import {
  type AlertRule,
  isFleetState,
  type ListedRule,
  type ViewSubject,
  valueWhenFull,
} from '@booner/protocol';
import { type CompiledRule, compileRule } from '../rules/compile-rule.ts';
import { RuleWindows } from '../windows/rule-windows.ts';
import { type MetricReader, metricReader } from './metric-reader.ts';

/** A rule with what its evaluation needs. The same object until the rule changes. */
export type ActiveRule = {
  readonly source: AlertRule;
  readonly rule: CompiledRule;
  /** `null`: it watches a state. */
  readonly metric: { readonly reader: MetricReader; readonly windows: RuleWindows } | null;
};

/** The rules that are enabled. Targets that the same rules select share one list. */
export class ActiveRules {
  #rules: readonly ActiveRule[] = [];
  #revision = 0;
  #byName: ReadonlyMap<string, ActiveRule> = new Map();
  #selections = new Map<string, readonly ActiveRule[]>();

  /** Takes the rules. Those that are as before keep their object, and with it their windows. */
  update(listed: readonly ListedRule[]): void {
    const before = new Map(this.#rules.map((active) => [JSON.stringify(active.source), active]));
    this.#rules = listed
      .filter(({ rule }) => rule.enabled)
      .map(({ rule }) => before.get(JSON.stringify(rule)) ?? activate(rule));
    this.#byName = new Map(this.#rules.map((active) => [active.rule.name, active]));
    this.#selections = new Map();
    this.#revision++;
  }

  /** Changes with each update. */
  get revision(): number {
    return this.#revision;
  }

  get(name: string): ActiveRule | null {
    return this.#byName.get(name) ?? null;
  }

  all(): readonly ActiveRule[] {
    return this.#rules;
  }

  /** Returns the rules on rollouts and schedules. The empty selector selects none. */
  ofFleet(): readonly ActiveRule[] {
    return this.#rules.filter(({ rule }) => isOfFleet(rule) && rule.selector.text === '*');
  }

  /** Returns the rules that select a target: the same object for the same rules. */
  select(subject: ViewSubject): readonly ActiveRule[] {
    let key = '';
    const selected = this.#rules.filter(({ rule }, index) => {
      const isSelected = !isOfFleet(rule) && rule.selector.matches(subject);
      if (isSelected) key += `${index},`;
      return isSelected;
    });
    const known = this.#selections.get(key);
    if (known !== undefined) return known;
    this.#selections.set(key, selected);
    return selected;
  }
}

const isOfFleet = ({ condition }: CompiledRule): boolean =>
  condition.type === 'state' && isFleetState(condition.kind);

function activate(source: AlertRule): ActiveRule {
  const rule = compileRule(source);
  const { condition } = rule;
  if (condition.type === 'state') return { source, rule, metric: null };
  const windows = new RuleWindows(condition.function, condition.overMs, valueWhenFull(condition.metric));
  return { source, rule, metric: { reader: metricReader(condition.metric), windows } };
}
