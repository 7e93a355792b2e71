export {
  ALL_SCOPES,
  type Credential,
  type CredentialKind,
  credentialIdSchema,
  credentialKindSchema,
  credentialNameSchema,
  credentialSchema,
  type OidcTransaction,
  oidcTransactionSchema,
  parseSha256,
  roleSchema,
  type Scopes,
  type Sha256,
  scopesSchema,
  sha256Schema,
  subjectSchema,
  type Ticket,
  ticketSchema,
} from './access.ts';
export {
  type AuthState,
  authStateSchema,
  type CreatedToken,
  createdTokenSchema,
  type LinkAnswer,
  type ListedCredential,
  linkAnswerSchema,
  listedCredentialSchema,
  type NewLink,
  type NewToken,
  newLinkSchema,
  newTokenSchema,
  type Revoked,
  revokedSchema,
  type SignedIn,
  type SignIn,
  signedInSchema,
  signInSchema,
  type TicketAnswer,
  type TokenList,
  ticketAnswerSchema,
  tokenListSchema,
} from './access-http.ts';
export {
  actionApprovalSchema,
  actionRoleSchema,
  type JsonContainer,
  type OfferedAction,
  offeredActionSchema,
  type Parameter,
  type ParameterValue,
  parameterNameSchema,
  parameterSchema,
} from './action.ts';
export {
  type Alert,
  type AlertPage,
  alertPageSchema,
  alertSchema,
  type EndedEpisode,
  endedEpisodeSchema,
  type StoredAlert,
  storedAlertSchema,
} from './alert.ts';
export {
  type ChannelType,
  channelTypeSchema,
  type SendOutcome,
  type ShownChannel,
  sendOutcomeSchema,
  shownChannelSchema,
} from './alert-channel.ts';
export {
  type AlertFunction,
  type AlertStateKind,
  alertConditionSchema,
  FLEET_STATES,
  type FleetState,
  isFleetState,
} from './alert-condition.ts';
export {
  type AlertEffect,
  type AlertEffectType,
  type AlertSubject,
  alertEffectSchema,
} from './alert-effect.ts';
export {
  type GroupInput,
  type GroupMemory,
  groupInputSchema,
  groupMemorySchema,
} from './alert-group.ts';
export { type AlertLinkAnswer, alertLinkAnswerSchema, alertLinkRequestSchema } from './alert-link.ts';
export { type AlertMetric, readAlertMetric, storedMetricsOf, valueWhenFull } from './alert-metrics.ts';
export { MAX_NOTIFICATION_TARGETS, type Notification, notificationSchema } from './alert-notification.ts';
export {
  type AlertRule,
  type AlertRuleInput,
  type AlertThreshold,
  alertNameSchema,
  alertRuleBodySchema,
  alertRuleSchema,
  thresholdNumber,
} from './alert-rule.ts';
export {
  type ChannelList,
  type ChannelTrial,
  channelListSchema,
  channelTrialSchema,
  type Delivery,
  type DeliveryList,
  deliveryListSchema,
  type Heartbeat,
  type HeartbeatList,
  heartbeatBodySchema,
  heartbeatListSchema,
  heartbeatSchema,
  type ListedChannel,
  type ListedRule,
  MAX_TRIED_EPISODES,
  newSilenceSchema,
  type QuietHoursList,
  quietHoursListSchema,
  type RuleList,
  type RuleTrial,
  ruleListSchema,
  ruleTrialRequestSchema,
  ruleTrialSchema,
  type SavedHeartbeat,
  type Silence,
  type SilenceList,
  savedHeartbeatSchema,
  silenceListSchema,
  silenceSchema,
} from './alert-settings.ts';
export {
  type AlertMemory,
  type AlertSeverity,
  alertMemorySchema,
  type Episode,
  type MuteReason,
} from './alert-state.ts';
export { alertStatus } from './alert-status.ts';
export {
  ALERT_SETTINGS,
  type AlertClientMessage,
  type AlertServerMessage,
  type AlertSettingKind,
  type AlertSnapshot,
  alertClientMessageSchema,
  alertServerMessageSchema,
} from './alert-stream.ts';
export {
  type Artefact,
  artefactNameSchema,
  artefactPatternsSchema,
  artefactSchema,
  type TaskArtefacts,
  taskArtefactsSchema,
} from './artefact.ts';
export {
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
  type AuditVerdict,
  auditEntrySchema,
  auditPageSchema,
  auditVerdictSchema,
  type NewAuditEntry,
  type ShownAuditPage,
  shownAuditPageSchema,
} from './audit.ts';
export {
  type Backfill,
  type BackfillAnswer,
  type BackfillLayout,
  type BackfillRequest,
  backfillAnswerSchema,
  backfillRequestSchema,
} from './backfill.ts';
export { type BusState, busStateSchema } from './bus-state.ts';
export { CLOSE_CODES, type CloseCode, mayReconnect } from './close-codes.ts';
export { compareVersions, isBehind } from './compare-versions.ts';
export { newCredentialId } from './credential-id.ts';
export { type Cursor, compareCursors, parseCursor, START_CURSOR } from './cursor.ts';
export { cursorSchema } from './cursor-schema.ts';
export { parseDuration } from './duration.ts';
export { durationSchema } from './duration-schema.ts';
export {
  type AddedTarget,
  addedTargetSchema,
  type EnrolledHost,
  type Enrolment,
  type EnrolRequest,
  enrolledHostSchema,
  enrolmentSchema,
  enrolRequestSchema,
  type HostIdentity,
  type HostRole,
  hostIdentitySchema,
  hostRoleSchema,
  type Identities,
  identitiesSchema,
  type NewTarget,
  newTargetSchema,
  type PasswordOffer,
  passwordOfferSchema,
  type ReleasedTarget,
  type RemovedTarget,
  type RotatedTarget,
  releasedTargetSchema,
  removedTargetSchema,
  rotatedTargetSchema,
  type ShownIdentity,
  shownIdentitySchema,
} from './enrolment.ts';
export { areFiguresInRange } from './figure-ranges.ts';
export type { FigureName, HistoryFigureName } from './figures.ts';
export { type FleetDevice, fleetDeviceText, parseFleetDevice } from './fleet-device.ts';
export { type FleetHistory, fleetHistorySchema, historyFigureNameSchema } from './fleet-history.ts';
export { hasEnded } from './has-ended.ts';
export {
  type HistoryRange,
  historyRangeSchema,
  type TargetHistory,
  targetHistorySchema,
} from './history.ts';
export { type HistoryBlocks, historyBlocksSchema } from './history-blocks.ts';
export { type HistoryStats, historyStatsSchema, type RecordingState } from './history-stats.ts';
export {
  deliveryAnswerSchema,
  type Hook,
  type HookDelivery,
  type HookList,
  hookDeliverySchema,
  hookListSchema,
  hookNameSchema,
  hookSchema,
  MAX_HOOK_DELIVERIES,
  type NewHook,
  type SavedHook,
  type ShownHook,
  type StoredHook,
  savedHookSchema,
  shownHookSchema,
  storedHookSchema,
} from './hook.ts';
export {
  HOST_ID_PATTERN,
  HOST_ID_RULE,
  type HostId,
  MAX_HOST_ID_CHARACTERS,
  parseHostId,
} from './host-id.ts';
export { hostIdSchema } from './host-id-schema.ts';
export { newInstanceId } from './instance-id.ts';
export { type Inventory, inventorySchema } from './inventory.ts';
export { type JsonBounds, PARAMS_BOUNDS, RESULT_BOUNDS } from './json-bounds.ts';
export { type JsonObject, jsonObjectSchema } from './json-object.ts';
export { jsonPointerSchema, valueAt } from './json-pointer.ts';
export { issueText, type Parsed, type TextIssue } from './label-text.ts';
export { type Labels, parseLabels } from './labels.ts';
export { type LabelChanges, labelChangesSchema, labelsSchema } from './labels-schema.ts';
export {
  CLOCK_TOLERANCE_MS,
  DEFAULT_INTERVAL_MS,
  ENDED_TASKS_SHOWN,
  HISTORY_RANGES_MS,
  MAX_HISTORY_HOSTS,
  MAX_INTERVAL_MS,
  MAX_LABEL_CHARACTERS,
  MAX_LABEL_VALUE_CHARACTERS,
  MAX_LABELS,
  MAX_NAME_CHARACTERS,
  MAX_SELECTOR_CHARACTERS,
  MAX_SUBJECT_CHARACTERS,
  MIN_INTERVAL_MS,
  SILENT_INTERVALS,
} from './limits.ts';
export {
  type CpuMeasurement,
  type FileSystemMeasurement,
  type GpuMeasurement,
  type Measurements,
  measurementsSchema,
} from './measurements.ts';
export {
  type Bye,
  byeSchema,
  type MetricsMessage,
  metricsMessageSchema,
  type Sample,
  sampleSchema,
  unboundedMessageSchema,
} from './metrics-message.ts';
export { type CredentialToMake, newCredential } from './new-credential.ts';
export { newId } from './new-id.ts';
export { newTask, type TaskToCreate } from './new-task.ts';
export { NOTHING_MEASURED } from './nothing-measured.ts';
export { PROBLEM_MEDIA_TYPE, type Problem, problemSchema } from './problem.ts';
export { type QuietHours, type QuietTime, quietHoursSchema, WEEKDAYS } from './quiet-hours.ts';
export {
  type Quarantine,
  quarantineSchema,
  type Registration,
  registrationSchema,
} from './registration.ts';
export { highestRole, includesRole, ROLES, type Role } from './roles.ts';
export {
  APPROVAL_TTL_MS,
  type Rollout,
  type RolloutHead,
  type RolloutHost,
  type RolloutHostStatus,
  type RolloutStatus,
  rolloutHeadSchema,
  rolloutHostSchema,
  rolloutHostStatusSchema,
  rolloutSchema,
  rolloutStatusSchema,
} from './rollout.ts';
export { isHostDone, isRolloutOver, isRolloutSettled } from './rollout-ends.ts';
export {
  type PlannedHost,
  plannedHostSchema,
  type RolloutList,
  type RolloutPlan,
  rollbackRequestSchema,
  rolloutAcceptedSchema,
  rolloutCancelSchema,
  rolloutPageSchema,
  rolloutPlanSchema,
} from './rollout-http.ts';
export { parseRolloutId, type RolloutId, rolloutIdSchema } from './rollout-id.ts';
export {
  batchSizes,
  failuresAllowed,
  type NewRollout,
  type RolloutRequest,
  rolloutRequestSchema,
} from './rollout-request.ts';
export {
  type ControlMessage,
  controlMessageSchema,
  isSameRunner,
  type Outcome,
  outcomeSchema,
  PRESENCE_TTL_MS,
  type Report,
  RUNNER_RESTARTED,
  type RunnerPresence,
  reportSchema,
  runnerInstanceSchema,
  runnerPresenceSchema,
  type TaskOffer,
  taskOfferSchema,
} from './runner-messages.ts';
export {
  type Firing,
  MAX_FIRINGS,
  type NewSchedule,
  type Schedule,
  type ScheduleList,
  type ShownSchedule,
  type StoredSchedule,
  scheduleListSchema,
  scheduleNameSchema,
  scheduleSchema,
  shownScheduleSchema,
  storedScheduleSchema,
} from './schedule.ts';
export {
  runnerKeySchema,
  type SecretHosts,
  type SecretKeys,
  type SecretList,
  type SecretPut,
  type StoredSecret,
  sealedSecretSchema,
  sealedSecretsSchema,
  secretHostsSchema,
  secretKeysSchema,
  secretListSchema,
  secretNameSchema,
  secretNamesSchema,
  secretPutSchema,
  storedSecretSchema,
} from './secret.ts';
export {
  ALERT_LINK_PREFIX,
  CREDENTIAL_PREFIX,
  ENROLMENT_PREFIX,
  HEARTBEAT_PREFIX,
  HOOK_PREFIX,
  hideSecrets,
  isSecretText,
  type SecretPrefix,
  SIGNING_PREFIX,
  TICKET_PREFIX,
} from './secret-texts.ts';
export {
  type AccessSelector,
  type AccessSubject,
  namedHosts,
  parseAccessSelector,
  parseViewSelector,
  type SystemFacts,
  type ViewSelector,
  type ViewSubject,
  viewSubjectOf,
} from './selector.ts';
export { formatSelector, type SelectorExpression, type SelectorTerm } from './selector-expression.ts';
export { accessSelectorSchema, accessSelectorTextSchema, viewSelectorSchema } from './selector-schema.ts';
export {
  type Annotation,
  annotationSchema,
  type ComparedHistory,
  comparedHistorySchema,
  type HistoryRanking,
  historyMetricSchema,
  historyRankingSchema,
  rankedMetricSchema,
  type SeriesHistory,
  seriesHistorySchema,
} from './series-history.ts';
export { settleSteps } from './settle-steps.ts';
export {
  type StatusClientMessage,
  type StatusPatch,
  type StatusServerMessage,
  type StatusSnapshot,
  statusClientMessageSchema,
  statusServerMessageSchema,
  statusSnapshotSchema,
} from './status-stream.ts';
export { V1_SUBPROTOCOL, V2_SUBPROTOCOL } from './subprotocol.ts';
export {
  type SystemStatus,
  systemStatusSchema,
  type TargetStatus,
  targetStatusSchema,
} from './system-status.ts';
export {
  type MainServer,
  mainServerSchema,
  type Target,
  type TargetSummary,
  targetSchema,
  targetSummarySchema,
} from './target.ts';
export {
  ACTION_NAME_PATTERN,
  actionNameSchema,
  DEFAULT_ATTEMPTS,
  MAX_ATTEMPTS,
  MAX_ERROR_CHARACTERS,
  MAX_MESSAGE_CHARACTERS,
  type Task,
  type TaskChange,
  type TaskMap,
  type TaskStatus,
  taskIdSchema,
  taskMapEntrySchema,
  taskMapSchema,
  taskSchema,
  taskStatusSchema,
} from './task.ts';
export {
  type AttemptToken,
  newAttemptToken,
  newTaskId,
  parseTaskId,
  type TaskId,
} from './task-id.ts';
export {
  LOG_TTL_MS,
  type LogEntry,
  type LogLine,
  logEntrySchema,
  logLineSchema,
  MAX_LOG_ENTRIES,
  MAX_LOG_ENTRY_BYTES,
  MAX_LOG_LINE_BYTES,
} from './task-log.ts';
export {
  MAX_STEPS,
  type StepStatus,
  stepNameSchema,
  stepStatusSchema,
  type TaskStep,
  taskStepSchema,
  taskStepsSchema,
} from './task-step.ts';
export {
  type TaskClientMessage,
  type TaskEvent,
  type TaskEventKind,
  type TaskLogMessage,
  type TaskResumed,
  type TaskServerMessage,
  type TaskSnapshot,
  taskClientMessageSchema,
  taskEventKindSchema,
  taskServerMessageSchema,
} from './task-stream.ts';
export { parseTraceparent } from './traceparent.ts';
export { traceparentSchema } from './traceparent-schema.ts';
export { isVisibleText, visibleText } from './visible-text.ts';
