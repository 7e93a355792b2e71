import type { BoonerClient } from '@booner/client';
import { queryOptions } from '@tanstack/react-query';

/** The stream announces changes; deliveries and heartbeats change without one. */
const LOOK_AGAIN_MS = 10_000;

// Keys are those of the stream's settings, so that a change of one kind reads it again.

export const rulesQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['alerts', 'rules'],
    queryFn: ({ signal }) => client.listAlertRules({ signal }),
  });

export const channelsQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['alerts', 'channels'],
    queryFn: ({ signal }) => client.listAlertChannels({ signal }),
  });

export const silencesQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['alerts', 'silences'],
    queryFn: ({ signal }) => client.listSilences({ signal }),
  });

export const quietHoursQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['alerts', 'quietHours'],
    queryFn: ({ signal }) => client.listQuietHours({ signal }),
    refetchInterval: LOOK_AGAIN_MS, // whether it is quiet now
  });

export const heartbeatsQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['alerts', 'heartbeats'],
    queryFn: ({ signal }) => client.listHeartbeats({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const deliveriesQuery = (client: BoonerClient) =>
  queryOptions({
    queryKey: ['alerts', 'deliveries'],
    queryFn: ({ signal }) => client.listDeliveries({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

/** The key of the queries for ended alerts. `useAlertNews` invalidates them. */
export const ENDED_KEY = ['alerts', 'ended'];
