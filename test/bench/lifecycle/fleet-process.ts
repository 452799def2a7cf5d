/** An orchestrator that runs the services of its first argument, in a process of its own. */
import * as z from 'zod';
import { ServiceRegistration } from '../../../src/registry/services/model/service-registration.ts';
import { startBenchSystem } from '../bench-system.ts';

const services = z.array(ServiceRegistration).parse(JSON.parse(process.argv[2] ?? '[]'));
const { endpoints } = await startBenchSystem({ services, workflows: [] });
process.send?.({ endpoints });
