/**
 * The engine as a process of its own, to be killed: `engine-process.ts <journal file> <port> <functions url>`.
 * Its functions are POSTs to the url, which answers `{payload}` or `{payload, functionError}`. Tells its parent
 * when it listens, and ends with it.
 */
import { startTestStepFunctions } from '../../../system/step-functions.ts';

const [journalFile = '', port = '0', functionsUrl = ''] = process.argv.slice(2);

const engine = await startTestStepFunctions({
  journalFile,
  port: Number(port),
  invokeFunction: async ({ functionName, payload, signal }) => {
    const body = JSON.stringify({ functionName, payload });
    const response = await fetch(functionsUrl, { method: 'POST', body, signal });
    return JSON.parse(await response.text());
  },
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: engine.url });
