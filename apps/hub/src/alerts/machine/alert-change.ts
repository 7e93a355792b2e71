import type { AlertEffect, AlertMemory, AlertSubject, MuteReason } from '@booner/protocol';
import type { CompiledRule } from '../rules/compile-rule.ts';

export type AlertContext = { readonly rule: CompiledRule; readonly subject: AlertSubject };

/** A memory while an input changes it, with what the input says and what comes of it. */
export type Change = { -readonly [Key in keyof Omit<AlertMemory, 'mutes'>]: AlertMemory[Key] } & {
  readonly mutes: readonly MuteReason[];
  readonly atMs: number;
  readonly reading: number | null;
  readonly effects: AlertEffect[];
  readonly context: AlertContext;
};
