/** Runs before each test file, in its process. */
import { useEvaluators } from '../../local/step-functions/jsonata/evaluator-processes.ts';
import { askNoNameServer } from './no-name-server.ts';
import { useSeed } from './property-seed.ts';

useSeed();
askNoNameServer();

// One use that never ends: the evaluators of a process stay, instead of starting again for the engines of each file.
useEvaluators();
