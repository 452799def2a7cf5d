/**
 * An engine to be killed, which keeps few histories, so that it moves ended executions to the disk all the time: `ended-writer.ts
 * <journal file> <prefix of names>`. It tells the names of executions whose ends are written.
 */
import { parseDefinition } from '../../../../local/step-functions/asl/parse-definition.ts';
import { openEngine } from '../../../../local/step-functions/engine.ts';

const [journalFile = '', prefix = ''] = process.argv.slice(2);
const definition = JSON.stringify({
  QueryLanguage: 'JSONata',
  StartAt: 'A',
  States: { A: { Type: 'Pass', End: true } },
});

const engine = await openEngine({
  journalFile,
  compactionBound: { bytes: 65_536, growth: 2, sliceBytes: 8_192 },
  keptHistories: { succeeded: 20, redrivable: 5 },
  onStatusChange: ({ name, status }) => status !== 'RUNNING' && process.send?.({ ended: name }),
  invokeFunction: () => Promise.reject(new Error('there are no functions')),
});
engine.resume();
process.on('disconnect', () => process.exit(0));

const parsed = parseDefinition(definition);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
const revisionId = engine.machines.addRevision(definition, parsed.program);
const machine = { arn: 'm', name: 'm', roleArn: 'r', revisionId };
engine.machines.put({ kind: 'machine', ...machine, creationDate: 1, tags: [] });
const of = { machineArn: 'm', machineName: 'm', roleArn: 'r', revisionId, inputText: '{}' };
for (let number = 1; ; number += 1) {
  const name = `${prefix}-${number}`;
  engine.executions.start({ arn: name, name, ...of }, parsed.program);
  await engine.written();
  await new Promise((resolve) => setImmediate(resolve));
}
