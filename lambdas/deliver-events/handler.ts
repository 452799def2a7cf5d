import '../../src/runtime/interpret-schemas.ts';
import { DeliverConfig } from '../../src/runtime/config.ts';
import { createDeliverEvents } from '../../src/runtime/deliver-events.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createDeliverEvents(readConfig(DeliverConfig, process.env));
