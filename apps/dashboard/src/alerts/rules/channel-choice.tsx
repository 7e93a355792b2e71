import { useBoonerClient } from '@booner/react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { channelsQuery } from '../alert-queries.ts';
import { NameChoice, type NameChoiceProps } from '../name-choice.tsx';

export type ChannelChoiceProps = Omit<NameChoiceProps, 'known' | 'empty'>;

/** Selects channels. */
export function ChannelChoice(props: ChannelChoiceProps) {
  const client = useBoonerClient();
  const { data } = useQuery(channelsQuery(client));
  return (
    <NameChoice
      {...props}
      known={data?.channels.map(({ name }) => name) ?? null}
      empty={
        <>
          There are none yet.{' '}
          <Link to="/dashboard/alerts/channels" className="text-accent underline underline-offset-2">
            Add a channel
          </Link>
        </>
      }
    />
  );
}
