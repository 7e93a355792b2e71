import { type AlertBus, BusError } from '@booner/bus';
import {
  ALERT_SETTINGS,
  type AlertRule,
  type AlertSettingKind,
  alertRuleSchema,
  type Heartbeat,
  type HostId,
  heartbeatSchema,
  type JsonObject,
  type ListedRule,
  parseDuration,
  parseViewSelector,
  type QuietHours,
  type QuietHoursList,
  quietHoursSchema,
  type Silence,
  silenceSchema,
  type ViewSubject,
} from '@booner/protocol';
import type { Logger } from '@booner/service';
import { z } from 'zod';
import { type StoredChannel, storedChannelSchema } from '../channels/stored-channel.ts';
import { quietAt } from '../quiet-times/quiet-at.ts';
import { STOCK_RULES } from './stock-rules.ts';

/** What is stored of a heartbeat. */
const storedHeartbeatSchema = heartbeatSchema
  .omit({ name: true, lastBeatAtMs: true })
  .extend({ keySha256: z.string() });
export type StoredHeartbeat = z.infer<typeof storedHeartbeatSchema>;

/** A heartbeat whose job is due again at `dueAtMs`. */
export type WatchedHeartbeat = Heartbeat & { readonly dueAtMs: number; readonly keySha256: string };

/** `matches` takes `null` for what is no target, which only `*` selects. */
type Matcher = {
  readonly rules: ReadonlySet<string> | null;
  readonly matches: (subject: ViewSubject | null) => boolean;
};
type CompiledSilence = Matcher & { readonly untilMs: number };
type CompiledQuietHours = Matcher & { readonly hours: QuietHours; isQuiet: boolean; untilMs: number };

const SCHEMAS = {
  rules: alertRuleSchema,
  channels: storedChannelSchema,
  silences: silenceSchema,
  quietHours: quietHoursSchema,
  heartbeats: storedHeartbeatSchema,
} as const satisfies Readonly<Record<AlertSettingKind, z.ZodType>>;

type Values = { readonly [Kind in AlertSettingKind]: ReadonlyMap<string, z.infer<(typeof SCHEMAS)[Kind]>> };

/** Rules of files, as `readRuleFiles` returns them. */
export type RuleFiles = {
  readonly rules: readonly { readonly rule: AlertRule; readonly file: string }[];
  readonly issues: readonly string[];
};

const NO_HEARTBEATS: readonly WatchedHeartbeat[] = [];
const NO_FILES: RuleFiles = { rules: [], issues: [] };
const STOCK = STOCK_RULES.map((rule) => alertRuleSchema.parse(rule));

/**
 * The settings of alerts as this hub knows them: what is stored, with the stock rules and those of
 * files.
 */
export class AlertSettings {
  readonly #bus: Pick<AlertBus, 'readSettings' | 'readBeats'>;
  readonly #log: Logger;
  readonly #values: { -readonly [Kind in AlertSettingKind]: Values[Kind] } = {
    rules: new Map(),
    channels: new Map(),
    silences: new Map(),
    quietHours: new Map(),
    heartbeats: new Map(),
  };
  readonly #listeners: ((kind: AlertSettingKind) => void)[] = [];
  readonly #reported = new Set<string>();
  #files = NO_FILES;
  #rules: readonly ListedRule[] = listRules(new Map(), NO_FILES);
  #silences: readonly CompiledSilence[] = [];
  #quietHours: readonly CompiledQuietHours[] = [];
  #beats: ReadonlyMap<string, number> = new Map();
  #heartbeats: readonly WatchedHeartbeat[] = NO_HEARTBEATS;
  #heartbeatsByHost: ReadonlyMap<HostId, readonly WatchedHeartbeat[]> = new Map();
  #isLoaded = false;

  constructor({
    bus,
    log,
  }: {
    readonly bus: Pick<AlertBus, 'readSettings' | 'readBeats'>;
    readonly log: Logger;
  }) {
    this.#bus = bus;
    this.#log = log;
  }

  /** True once everything was read. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /**
   * Returns these settings for an answer.
   * @throws BusError `disconnected` before everything was read for the first time
   */
  requireLoaded(): this {
    if (!this.#isLoaded) throw new BusError('disconnected', 'the settings of alerts have not been read yet');
    return this;
  }

  /** Adds a listener for changes. It MUST NOT throw. */
  onChange(listener: (kind: AlertSettingKind) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads settings. Invalid ones are left out and logged. Rejects with BusError. */
  async read(kinds: readonly AlertSettingKind[] = ALERT_SETTINGS): Promise<void> {
    if (kinds.includes('heartbeats')) this.#beats = await this.#bus.readBeats();
    await Promise.all(kinds.map(async (kind) => this.#take(kind, await this.#bus.readSettings(kind))));
    this.#isLoaded ||= kinds.length === ALERT_SETTINGS.length;
  }

  /** Reads when heartbeats came. Rejects with BusError. */
  async readBeats(): Promise<void> {
    this.#beats = await this.#bus.readBeats();
    this.#updateHeartbeats();
  }

  /** Takes the rules of files. */
  setFiles(files: RuleFiles): void {
    this.#files = files;
    this.#rules = listRules(this.#values.rules, files);
    this.#notify('rules');
  }

  /** Every rule, by name: those of files win over stored ones, and these over stock ones. */
  rules(): readonly ListedRule[] {
    return this.#rules;
  }

  rule(name: string): ListedRule | null {
    return this.#rules.find(({ rule }) => rule.name === name) ?? null;
  }

  /** What is wrong with files of rules. */
  get fileIssues(): readonly string[] {
    return this.#files.issues;
  }

  channels(): ReadonlyMap<string, StoredChannel> {
    return this.#values.channels;
  }

  /** Names of the channels that rules without channels notify. */
  defaultChannels(): readonly string[] {
    return [...this.#values.channels].filter(([, { isDefault }]) => isDefault).map(([name]) => name);
  }

  /** Silences in force. */
  silences(nowMs: number): readonly Silence[] {
    return [...this.#values.silences.values()].filter(({ untilMs }) => untilMs > nowMs);
  }

  /** Ids of silences that have ended. */
  endedSilences(nowMs: number): readonly string[] {
    return [...this.#values.silences].filter(([, { untilMs }]) => untilMs <= nowMs).map(([id]) => id);
  }

  quietHours(nowMs: number): QuietHoursList['quietHours'] {
    return [...this.#values.quietHours.keys()].map((name, index) => {
      const compiled = this.#quietHours[index]!;
      return { ...compiled.hours, name, isQuietNow: isQuietNow(compiled, nowMs) };
    });
  }

  heartbeats(): readonly WatchedHeartbeat[] {
    return this.#heartbeats;
  }

  heartbeatsOf(host: HostId): readonly WatchedHeartbeat[] {
    return this.#heartbeatsByHost.get(host) ?? NO_HEARTBEATS;
  }

  #updateHeartbeats(): void {
    this.#heartbeats = [...this.#values.heartbeats].map(([name, heartbeat]) => {
      const lastBeatAtMs = this.#beats.get(name) ?? null;
      const fromMs = Math.max(lastBeatAtMs ?? 0, heartbeat.createdAtMs);
      return { ...heartbeat, name, lastBeatAtMs, dueAtMs: fromMs + parseDuration(heartbeat.every)! };
    });
    this.#heartbeatsByHost = Map.groupBy(this.#heartbeats, ({ host }) => host);
  }

  /**
   * Returns true if an instant is within quiet hours of this name. Unknown ones are never quiet.
   */
  isQuietAt(name: string, atMs: number): boolean {
    const hours = this.#values.quietHours.get(name);
    return hours !== undefined && quietAt(hours, atMs).isQuiet;
  }

  isSilenced(rule: string, subject: ViewSubject | null, nowMs: number): boolean {
    return this.#silences.some((silence) => silence.untilMs > nowMs && isMuting(silence, rule, subject));
  }

  isQuiet(rule: string, subject: ViewSubject | null, nowMs: number): boolean {
    return this.#quietHours.some((hours) => isMuting(hours, rule, subject) && isQuietNow(hours, nowMs));
  }

  #take(kind: AlertSettingKind, stored: ReadonlyMap<string, JsonObject>): void {
    const values = new Map<string, never>();
    for (const [name, value] of stored) {
      const parsed = SCHEMAS[kind].safeParse(kind === 'rules' ? { ...value, name } : value);
      if (parsed.success) values.set(name, parsed.data as never);
      else this.#report(kind, name);
    }
    this.#values[kind] = values;
    if (kind === 'rules') this.#rules = listRules(this.#values.rules, this.#files);
    if (kind === 'silences') this.#silences = [...this.#values.silences.values()].map(compileSilence);
    if (kind === 'quietHours')
      this.#quietHours = [...this.#values.quietHours.values()].map(compileQuietHours);
    if (kind === 'heartbeats') this.#updateHeartbeats();
    this.#notify(kind);
  }

  #notify(kind: AlertSettingKind): void {
    for (const listener of this.#listeners) listener(kind);
  }

  #report(kind: AlertSettingKind, name: string): void {
    const text = `${kind} ${name}`;
    if (this.#reported.has(text)) return;
    this.#reported.add(text);
    this.#log.warn({ kind, name }, 'a stored setting of alerts is invalid and is ignored: save it again');
  }
}

function listRules(stored: ReadonlyMap<string, AlertRule>, { rules }: RuleFiles): readonly ListedRule[] {
  const byName = new Map<string, ListedRule>();
  for (const rule of STOCK) byName.set(rule.name, { rule, source: 'stock', file: null });
  for (const rule of stored.values()) byName.set(rule.name, { rule, source: 'stored', file: null });
  for (const { rule, file } of rules) byName.set(rule.name, { rule, source: 'file', file });
  return [...byName.values()].sort((a, b) => (a.rule.name < b.rule.name ? -1 : 1));
}

const matcher = (selector: string, rules: readonly string[] | null): Matcher => {
  const parsed = parseViewSelector(selector);
  const { matches, text } = parsed.ok ? parsed.value : { matches: () => false, text: '' };
  return {
    rules: rules === null ? null : new Set(rules),
    matches: (subject) => (subject === null ? text === '*' : matches(subject)),
  };
};

const compileSilence = ({ selector, rule, untilMs }: Silence): CompiledSilence => ({
  ...matcher(selector, rule === null ? null : [rule]),
  untilMs,
});

const compileQuietHours = (hours: QuietHours): CompiledQuietHours => ({
  ...matcher(hours.selector, hours.rules ?? null),
  hours,
  isQuiet: false,
  untilMs: Number.NEGATIVE_INFINITY,
});

const isMuting = ({ rules, matches }: Matcher, rule: string, subject: ViewSubject | null): boolean =>
  (rules === null || rules.has(rule)) && matches(subject);

/** Keeps the answer for as long as it holds, but for a clock that is set back. */
function isQuietNow(quiet: CompiledQuietHours, nowMs: number): boolean {
  if (nowMs >= quiet.untilMs || quiet.untilMs - nowMs > MAX_KEPT_MS)
    Object.assign(quiet, quietAt(quiet.hours, nowMs));
  return quiet.isQuiet;
}
/** Longer than any answer of `quietAt`. */
const MAX_KEPT_MS = 9 * 86_400_000;
