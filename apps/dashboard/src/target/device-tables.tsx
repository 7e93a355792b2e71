import type { GpuMeasurement, Measurements } from '@booner/protocol';
import {
  formatCount,
  formatLoad,
  formatRate,
  formatTemperature,
  formatUsedOf,
  formatWatts,
  ratioOf,
} from '../format/numbers.ts';
import { Panel } from '../ui/panel.tsx';
import { PercentBar } from '../ui/percent-bar.tsx';
import { type FigureColumn, FigureTable } from './figure-table.tsx';

type Part<Name extends keyof Measurements> = NonNullable<Measurements[Name]>;
type Interface = Part<'network'>['interfaces'][number];
type Disk = Part<'disks'>['devices'][number];
type Sensor = Part<'temperatures'>[number];

export type DeviceTablesProps = {
  readonly measurements: Measurements;
  readonly isStale: boolean;
  /** Class of the panels' content. */
  readonly className?: string | undefined;
};

/** Current interfaces, disks, GPUs and sensors. Those that the host does not have are omitted. */
export function DeviceTables({ measurements, isStale, className }: DeviceTablesProps) {
  const { network, disks, gpus, temperatures } = measurements;
  return (
    <>
      {gpus !== null && gpus.length > 0 && (
        <Panel title="GPUs" className="lg:col-span-2">
          <div className={className}>
            <FigureTable
              label="GPUs"
              rows={gpus}
              columns={gpuColumns(isStale)}
              keyOf={({ index, name }) => `${index} ${name}`}
            />
          </div>
        </Panel>
      )}
      {network !== null && network.interfaces.length > 0 && (
        <Panel title="Network interfaces">
          <div className={className}>
            <FigureTable
              label="Network interfaces"
              rows={network.interfaces}
              columns={INTERFACE_COLUMNS}
              keyOf={(row) => row.interface}
            />
          </div>
        </Panel>
      )}
      {disks !== null && disks.devices.length > 0 && (
        <Panel title="Disks">
          <div className={className}>
            <FigureTable
              label="Disks"
              rows={disks.devices}
              columns={diskColumns(isStale)}
              keyOf={({ device }) => device}
            />
          </div>
        </Panel>
      )}
      {temperatures !== null && temperatures.length > 0 && (
        <Panel title="Temperatures">
          <div className={className}>
            <FigureTable
              label="Temperatures"
              rows={temperatures.map((sensor, index) => ({ ...sensor, index }))}
              columns={SENSOR_COLUMNS}
              keyOf={({ index }) => String(index)}
            />
          </div>
        </Panel>
      )}
    </>
  );
}

/** Formats events per second. A few per minute are not shown as none. */
const formatEvents = (perSecond: number): string => (perSecond === 0 ? '0' : formatLoad(perSecond));

const INTERFACE_COLUMNS: readonly FigureColumn<Interface>[] = [
  {
    name: 'Interface',
    className: 'break-all',
    cell: ({ interface: name, kind }) => (
      <>
        {name}
        {kind !== 'physical' && <span className="ml-2 text-sm text-muted">{kind}</span>}
      </>
    ),
  },
  { name: 'Received', isNumber: true, cell: (row) => formatRate(row.receivedBytesPerSecond) },
  { name: 'Sent', isNumber: true, cell: (row) => formatRate(row.sentBytesPerSecond) },
  {
    name: 'Packets/s',
    isNumber: true,
    isExtra: true,
    cell: (row) => `${formatCount(row.receivedPacketsPerSecond)} / ${formatCount(row.sentPacketsPerSecond)}`,
  },
  { name: 'Errors/s', isNumber: true, isExtra: true, cell: (row) => formatEvents(row.errorsPerSecond) },
  { name: 'Drops/s', isNumber: true, isExtra: true, cell: (row) => formatEvents(row.dropsPerSecond) },
];

const diskColumns = (isStale: boolean): readonly FigureColumn<Disk>[] => [
  { name: 'Device', className: 'break-all', cell: ({ device }) => device },
  { name: 'Read', isNumber: true, cell: (row) => formatRate(row.readBytesPerSecond) },
  { name: 'Written', isNumber: true, cell: (row) => formatRate(row.writtenBytesPerSecond) },
  {
    name: 'Reads/s',
    isNumber: true,
    isExtra: true,
    cell: (row) => formatCount(row.readsPerSecond),
  },
  {
    name: 'Writes/s',
    isNumber: true,
    isExtra: true,
    cell: (row) => formatCount(row.writesPerSecond),
  },
  {
    name: 'Busy',
    className: 'w-32 max-sm:w-24',
    cell: ({ busyRatio }) => <PercentBar label="Busy" ratio={busyRatio} isStale={isStale} className="h-5" />,
  },
];

const gpuColumns = (isStale: boolean): readonly FigureColumn<GpuMeasurement>[] => [
  { name: 'GPU', cell: ({ name }) => name },
  {
    name: 'Used',
    className: 'w-1/5 min-w-24',
    cell: ({ usageRatio }) => (
      <PercentBar label="Used" ratio={usageRatio} isStale={isStale} className="h-5" />
    ),
  },
  {
    name: 'Memory',
    className: 'w-1/5 min-w-24',
    cell: ({ memoryUsedBytes, memoryTotalBytes }) => (
      <PercentBar
        label="Memory"
        ratio={ratioOf(memoryUsedBytes, memoryTotalBytes)}
        isStale={isStale}
        className="h-5"
      />
    ),
  },
  {
    name: 'Used of total',
    isNumber: true,
    isExtra: true,
    cell: ({ memoryUsedBytes, memoryTotalBytes }) => formatUsedOf(memoryUsedBytes, memoryTotalBytes),
  },
  { name: 'Temp', isNumber: true, cell: ({ temperatureCelsius }) => formatTemperature(temperatureCelsius) },
  { name: 'Power', isNumber: true, isExtra: true, cell: ({ powerWatts }) => formatWatts(powerWatts) },
];

const SENSOR_COLUMNS: readonly FigureColumn<Sensor & { readonly index: number }>[] = [
  { name: 'Sensor', cell: ({ label }) => label },
  { name: 'Chip', isExtra: true, cell: ({ chip }) => <span className="text-muted">{chip}</span> },
  { name: 'Temperature', isNumber: true, cell: (row) => formatTemperature(row.temperatureCelsius) },
  { name: 'Critical', isNumber: true, cell: (row) => formatTemperature(row.criticalCelsius) },
];
