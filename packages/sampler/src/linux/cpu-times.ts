import { roundRatio } from '../rounding.ts';

/**
 * One CPU's columns of proc_stat(5), in ticks: user nice system idle iowait irq softirq steal guest
 * guest_nice.
 */
export type CpuTimes = readonly number[];

/** Time between two readings in ticks, by use. Guest time is separate from user time. */
export type SpentTime = {
  readonly user: number;
  readonly guest: number;
  readonly system: number;
  readonly steal: number;
  readonly iowait: number;
  readonly idle: number;
};

/**
 * Returns how the time between two readings was used; `null` if none passed or the counters were
 * restarted.
 *
 * The kernel adds guest time to both user (or nice) and guest: it is counted once here. iowait may
 * go back, because the kernel moves it to idle if the task slept on another CPU (proc_stat(5)):
 * only their sum is monotonic.
 */
export function timeSpent(before: CpuTimes, after: CpuTimes): SpentTime | null {
  const [user, nice, system, idle, iowait, irq, softirq, steal, guest, guestNice] = Array.from(
    { length: 10 },
    (_, column) => (after[column] ?? 0) - (before[column] ?? 0), // old kernels have fewer columns
  ) as [number, number, number, number, number, number, number, number, number, number];
  const waiting = idle + iowait;
  if (!(user >= 0 && nice >= 0 && system >= 0 && irq >= 0 && softirq >= 0 && waiting >= 0)) return null;
  const asUser = user + nice;
  const asGuest = Math.min(Math.max(guest + guestNice, 0), asUser);
  const asIowait = Math.min(Math.max(iowait, 0), waiting);
  const spent = {
    user: asUser - asGuest,
    guest: asGuest,
    system: system + irq + softirq,
    steal: Math.max(steal, 0), // goes back when a virtual machine migrates
    iowait: asIowait,
    idle: waiting - asIowait,
  };
  return sum(spent) > 0 ? spent : null;
}

const sum = (spent: SpentTime): number =>
  spent.user + spent.guest + spent.system + spent.steal + spent.iowait + spent.idle;

/** Sums the times of several CPUs. */
export function addUp(times: Iterable<SpentTime>): SpentTime {
  const total = { user: 0, guest: 0, system: 0, steal: 0, iowait: 0, idle: 0 };
  for (const spent of times) {
    total.user += spent.user;
    total.guest += spent.guest;
    total.system += spent.system;
    total.steal += spent.steal;
    total.iowait += spent.iowait;
    total.idle += spent.idle;
  }
  return total;
}

/**
 * Returns shares of the time. `usageRatio` is all but idle and iowait: user, guests, system and
 * steal.
 */
export function sharesOf(spent: SpentTime) {
  const total = sum(spent);
  const busy = spent.user + spent.guest + spent.system + spent.steal;
  return {
    usageRatio: roundRatio(busy / total),
    userRatio: roundRatio(spent.user / total),
    systemRatio: roundRatio(spent.system / total),
    iowaitRatio: roundRatio(spent.iowait / total),
    stealRatio: roundRatio(spent.steal / total),
  };
}
