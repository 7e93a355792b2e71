import { queryOptions } from '@tanstack/react-query';
import { alertsApi } from './alerts-api.ts';

/** Refresh interval of what the stream does not announce, such as deliveries. */
const LOOK_AGAIN_MS = 10_000;

export const rulesQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'rules'],
    queryFn: ({ signal }) => alertsApi.listRules({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const channelsQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'channels'],
    queryFn: ({ signal }) => alertsApi.listChannels({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const silencesQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'silences'],
    queryFn: ({ signal }) => alertsApi.listSilences({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const quietHoursQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'quietHours'],
    queryFn: ({ signal }) => alertsApi.listQuietHours({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const heartbeatsQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'heartbeats'],
    queryFn: ({ signal }) => alertsApi.listHeartbeats({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });

export const deliveriesQuery = () =>
  queryOptions({
    queryKey: ['alerts', 'deliveries'],
    queryFn: ({ signal }) => alertsApi.listDeliveries({ signal }),
    refetchInterval: LOOK_AGAIN_MS,
  });
