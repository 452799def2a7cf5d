/** An orchestrator with an empty registry in a process of its own. */
import { startBenchSystem } from './bench-system.ts';

const { endpoints } = await startBenchSystem({ services: [], workflows: [] });
process.send?.({ endpoints });
