import { createElement, Fragment } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import {
  BoonerProvider,
  useAlerts,
  useBoonerClient,
  useConnection,
  useSystemStatus,
  useTarget,
  useTargets,
  useTask,
  useTaskLog,
  useTaskUpdates,
} from './index.ts';

function Everything() {
  const values = {
    client: typeof useBoonerClient().createTask,
    status: useSystemStatus(),
    tasks: useTaskUpdates(),
    targets: useTargets(),
    alerts: useAlerts(),
    target: useTarget('10.0.0.2'),
    task: useTask('AAAAAAAAAAAAAAAAAAAAA'),
    log: useTaskLog('AAAAAAAAAAAAAAAAAAAAA').lines,
    connection: useConnection().type,
  };
  return createElement(Fragment, null, JSON.stringify(values).replaceAll('"', "'"));
}

it('draws the page that waits for data on a server, where nothing is connected', () => {
  const drawn = (element: Parameters<typeof renderToString>[0]) =>
    JSON.parse(renderToString(element).replaceAll('&#x27;', '"')) as object;
  const nothingYet = { loading: true, error: null, transport: null, ageMs: null };
  const expected = {
    client: 'function',
    status: { systemStatus: null, ...nothingYet },
    tasks: { tasks: {}, ...nothingYet },
    targets: { targets: [], ...nothingYet },
    alerts: { alerts: [], ...nothingYet },
    target: { type: 'loading' },
    task: { type: 'loading' },
    log: [],
    connection: 'connecting',
  };
  expect(drawn(createElement(Everything))).toEqual(expected);
  const provider = createElement(BoonerProvider, { url: 'http://10.0.0.1:8000' }, createElement(Everything));
  expect(drawn(provider)).toEqual(expected);
});
