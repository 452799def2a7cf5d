import { describeDriver } from './driver-contract.ts';
import { processSubject } from './process-subject.ts';

describeDriver('The process driver', processSubject);
