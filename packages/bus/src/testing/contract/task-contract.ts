import { describeCancelling } from './cancel-contract.ts';
import { describeClaims } from './claim-contract.ts';
import { describeCreation } from './creation-contract.ts';
import { describeEvents } from './event-contract.ts';
import { describeExternalTasks } from './external-contract.ts';
import { describeLists } from './list-contract.ts';
import { describeLogs } from './log-contract.ts';
import { describeLostRunners } from './lost-contract.ts';
import { describePresence } from './presence-contract.ts';
import { describeReports } from './report-contract.ts';
import { describeReportStream } from './report-stream-contract.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';

/** What every implementation of the task ports does. */
export function describeTaskContract(startBus: StartTaskBus): void {
  describeCreation(startBus);
  describeClaims(startBus);
  describeReports(startBus);
  describeReportStream(startBus);
  describeCancelling(startBus);
  describeLostRunners(startBus);
  describeExternalTasks(startBus);
  describeEvents(startBus);
  describeLists(startBus);
  describeLogs(startBus);
  describePresence(startBus);
}
