import type { MainServer } from '@booner/protocol';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import { rootFileSystem } from '@booner/protocol/status-texts';
import { Link } from '@tanstack/react-router';
import { ChevronDown } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import {
  formatBytes,
  formatRate,
  formatTemperature,
  formatUsedOf,
  ratioOf,
  UNKNOWN,
} from '../format/numbers.ts';
import { formatUptime } from '../format/times.ts';
import { useFleet } from '../live/use-fleet.ts';
import { Button } from '../ui/button.tsx';
import { LazyPart } from '../ui/lazy-part.tsx';
import { Panel } from '../ui/panel.tsx';
import { PercentWord } from '../ui/percent-bar.tsx';
import { useMedia, WIDE } from '../ui/use-media.ts';
import { MainServerMeter } from './main-server-meter.tsx';

const MainServerCharts = lazy(async () => ({
  default: (await import('./main-server-charts.tsx')).MainServerCharts,
}));
const MAX_GPUS = 4;

export type MainServerCardProps = {
  /** Replaces the description of the machine at the end of the title's line. */
  readonly aside?: ReactNode;
  readonly children?: ReactNode;
};

/** The machine that the hub runs on. */
export function MainServerCard({ aside, children }: MainServerCardProps) {
  const mainServer = useFleet((fleet) => fleet.mainServer);
  const isWide = useMedia(WIDE);
  // With more in it than values, it does not fold.
  const [isOpen, setOpen] = useState(children !== undefined);
  if (!isWide && !isOpen) return <Folded mainServer={mainServer} onOpen={() => setOpen(true)} />;
  return (
    <Panel
      title="Main server"
      aside={
        aside ?? (
          <span className="flex flex-wrap items-center gap-x-4">
            <About mainServer={mainServer} />
            <Link
              to="/dashboard/main-server"
              className="-my-2.5 py-2.5 text-sm text-accent underline underline-offset-2"
            >
              History
            </Link>
          </span>
        )
      }
    >
      {aside !== undefined && (
        <div className="-mt-2 mb-3">
          <About mainServer={mainServer} />
        </div>
      )}
      <Meters mainServer={mainServer} />
      {children}
      <div className="live-value mt-4 min-h-84 md:min-h-25">
        <LazyPart>
          <Suspense fallback={null}>
            <MainServerCharts memoryTotalBytes={mainServer?.measurements?.memory?.totalBytes ?? null} />
          </Suspense>
        </LazyPart>
      </div>
      {!isWide && children === undefined && (
        <Button variant="ghost" className="mt-2 -mb-2 w-full" onClick={() => setOpen(false)}>
          Hide
        </Button>
      )}
    </Panel>
  );
}

type Known = { readonly mainServer: MainServer | null };

/** One line for phones, so that the targets begin above the fold. Values in trouble stand out. */
function Folded({ mainServer, onOpen }: Known & { readonly onOpen: () => void }) {
  const { cpu = null, memory = null } = mainServer?.measurements ?? {};
  const shares = {
    CPU: cpu?.usageRatio ?? null,
    RAM: ratioOf(memory?.usedBytes, memory?.totalBytes),
    Disk: diskUsageRatio(rootFileSystem(mainServer?.measurements ?? null)),
  };
  return (
    <section aria-label="Main server">
      <Button
        className="h-10 w-full justify-between! px-3 max-[359px]:h-auto! max-[359px]:flex-wrap max-[359px]:py-2"
        aria-expanded={false}
        onClick={onOpen}
      >
        <span className="font-semibold">Main server</span>
        <span className="live-value flex gap-2.5 text-sm">
          {Object.entries(shares).map(([name, ratio]) => (
            <PercentWord key={name} label={name} ratio={ratio} />
          ))}
        </span>
        <ChevronDown size={16} aria-hidden="true" className="text-muted" />
      </Button>
    </section>
  );
}

/** Its name, CPU and uptime. */
function About({ mainServer }: Known) {
  const { inventory = null, measurements = null } = mainServer ?? {};
  const uptimeSeconds = measurements?.uptimeSeconds ?? null;
  const parts = [
    inventory?.hostname,
    inventory?.cpu?.model,
    uptimeSeconds === null ? null : `up ${formatUptime(uptimeSeconds)}`,
  ].filter((part) => part !== null && part !== undefined);
  return <p className="min-h-5 text-sm text-muted">{parts.join(' · ')}</p>;
}

function Meters({ mainServer }: Known) {
  const { inventory = null, measurements = null } = mainServer ?? {};
  const { memory = null, gpus = null, cpu = null, network = null } = measurements ?? {};
  const disk = rootFileSystem(measurements);
  const temperatures = measurements?.temperatures?.map(({ temperatureCelsius }) => temperatureCelsius) ?? [];
  const cores = inventory?.cpu?.logicalCores;
  const cpuDetail = [
    cores === undefined ? null : `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    temperatures.length === 0 ? null : formatTemperature(Math.max(...temperatures)),
  ];
  return (
    <div className="live-value grid grid-cols-2 gap-x-8 gap-y-3 sm:grid-cols-[repeat(auto-fit,minmax(13rem,1fr))]">
      <MainServerMeter name="CPU" ratio={cpu?.usageRatio ?? null} detail={join(cpuDetail)} />
      <MainServerMeter
        name="RAM"
        ratio={ratioOf(memory?.usedBytes, memory?.totalBytes)}
        detail={memory === null ? UNKNOWN : formatUsedOf(memory.usedBytes, memory.totalBytes)}
      />
      <MainServerMeter
        name="Disk"
        ratio={diskUsageRatio(disk)}
        detail={disk === null ? UNKNOWN : `${formatBytes(disk.availableBytes)} available`}
      />
      {network !== null && (
        // On a phone, where the charts are folded.
        <div className="sm:hidden">
          <p className="text-muted">Network</p>
          <p className="text-sm">↓ {formatRate(network.receivedBytesPerSecond)}</p>
          <p className="text-sm">↑ {formatRate(network.sentBytesPerSecond)}</p>
        </div>
      )}
      {gpus?.slice(0, MAX_GPUS).map((gpu) => (
        <MainServerMeter
          key={gpu.index}
          name={gpu.name.replace(/^NVIDIA (GeForce )?/, '')}
          ratio={gpu.usageRatio ?? ratioOf(gpu.memoryUsedBytes, gpu.memoryTotalBytes)}
          detail={join([
            gpu.memoryUsedBytes === null ? null : formatUsedOf(gpu.memoryUsedBytes, gpu.memoryTotalBytes),
            gpu.temperatureCelsius === null ? null : formatTemperature(gpu.temperatureCelsius),
          ])}
        />
      ))}
      {gpus !== null && gpus.length > MAX_GPUS && (
        <div className="self-center text-sm text-muted">and {gpus.length - MAX_GPUS} more GPUs</div>
      )}
    </div>
  );
}

const join = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(' · ');
