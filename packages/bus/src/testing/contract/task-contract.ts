import { describe } from 'vitest';
import { describeArtefacts } from './artefact-contract.ts';
import { describeAttempts } from './attempt-contract.ts';
import { describeCancelling } from './cancel-contract.ts';
import { describeClaims } from './claim-contract.ts';
import { describeConnection } from './connection-contract.ts';
import { describeCreation } from './creation-contract.ts';
import { describeEvents } from './event-contract.ts';
import { describeExternalTasks } from './external-contract.ts';
import { describeLists } from './list-contract.ts';
import { describeLogs } from './log-contract.ts';
import { describeLostRunners } from './lost-contract.ts';
import { describePresence } from './presence-contract.ts';
import { describeReports } from './report-contract.ts';
import { describeReportStream } from './report-stream-contract.ts';
import { HOST } from './sample-factory.ts';
import { describeSteps } from './step-contract.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { FIRST_START } from './task-factory.ts';

const INATTENTIVE = { onOffer() {}, onControl() {}, onServing() {}, onConnection() {} };

/** Describes the behaviour of every implementation of the task ports. */
export function describeTaskContract(startBus: StartTaskBus): void {
  describe('the connection of a hub', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startTasks() };
    }));
  describe('the connection of a runner', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startRunner(HOST, FIRST_START, INATTENTIVE) };
    }));
  describeCreation(startBus);
  describeClaims(startBus);
  describeAttempts(startBus);
  describeReports(startBus);
  describeSteps(startBus);
  describeReportStream(startBus);
  describeCancelling(startBus);
  describeLostRunners(startBus);
  describeExternalTasks(startBus);
  describeEvents(startBus);
  describeLists(startBus);
  describeLogs(startBus);
  describeArtefacts(startBus);
  describePresence(startBus);
}
