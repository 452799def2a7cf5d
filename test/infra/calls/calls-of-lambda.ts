/** Permissions of a function's role that its code never uses here, most of them since Lambda itself does. */
interface CallOfLambda {
  readonly actions: readonly string[];
  readonly functions: 'all' | readonly string[];
  readonly reason: string;
}

export const callsOfLambda: readonly CallOfLambda[] = [
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    functions: 'all',
    reason: 'What a function prints is written to its log by Lambda',
  },
  {
    actions: ['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
    functions: ['record-execution'],
    reason: 'An event that failed in every try is sent to the queue by Lambda; CDK grants the three together',
  },
  {
    actions: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ],
    functions: ['deliver-events'],
    reason:
      'Lambda reads the stream of the registry, and calls the function with what the filter lets through',
  },
  {
    actions: ['lambda:InvokeFunction'],
    functions: ['run-step', 'undo', 'api'],
    reason:
      'An instance that does not take connections twice is checked at once: hastened-check.test.ts has a server for Lambda',
  },
  {
    actions: ['lambda:InvokeFunction'],
    functions: ['check-health'],
    reason:
      'With more than fifty services it invokes itself, and there is no Lambda here: check-health.test.ts has a server for one',
  },
];

export const isCallOfLambda = (name: string, action: string): boolean =>
  callsOfLambda.some(
    ({ actions, functions }) => actions.includes(action) && (functions === 'all' || functions.includes(name)),
  );
