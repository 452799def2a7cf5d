import '../../src/runtime/interpret-schemas.ts';
import { MachinesConfig } from '../../src/runtime/config.ts';
import { createCheckMachines } from '../../src/runtime/deployment.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createCheckMachines(readConfig(MachinesConfig, process.env));
