/** The orchestrator as `npm start` runs it, in a folder of its own that goes with it. */
import type { Manifest } from '../../src/manifest/model/manifest.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

/** Ends with the process, or when its driver is gone. */
export async function startBenchSystem(
  manifest: Manifest,
  options: { readonly usage?: 'on' | 'off' } = {},
): Promise<TestSystem> {
  const system = await startTestSystem({ manifest, ...options });
  const end = async (): Promise<void> => {
    await system.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  process.once('disconnect', () => void end());
  return system;
}
