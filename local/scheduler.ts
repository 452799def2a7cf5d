/** Runs a job again and again, one at a time, until stopped; what EventBridge Scheduler does on AWS. */
export interface Schedule {
  stop(): void;
}

export function every(seconds: number, job: () => Promise<unknown>): Schedule {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = async (): Promise<void> => {
    await job().catch(() => undefined);
    if (!stopped) timer = setTimeout(run, seconds * 1000).unref();
  };
  timer = setTimeout(run, seconds * 1000).unref();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
