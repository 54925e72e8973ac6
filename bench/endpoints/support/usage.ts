// Time and processor time from one moment to another.

export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export function startWatch(): () => Usage {
  const began = performance.now();
  const cpu = cpuSeconds();
  return () => ({ seconds: (performance.now() - began) / 1000, cpuSeconds: cpuSeconds() - cpu });
}

/** User and system time of this process so far. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
