/** Writes until it is killed, and says after each write which one was acknowledged. */
import { writeSync } from 'node:fs';
import { openDatabase } from '../../../../local/dynamodb/database.ts';

const [path = '', durability] = process.argv.slice(2);
const database = openDatabase({ path, durability: durability === 'disk' ? 'disk' : 'process' });
const request = async (operation: string, input: object): Promise<void> => {
  const answer = await database.answer({
    target: `DynamoDB_20120810.${operation}`,
    body: JSON.stringify(input),
  });
  if (answer.status !== 200) throw new Error(answer.body);
};

for (let number = 0; ; number++) {
  const key = { pk: { S: 'p' }, sk: { S: String(number % 40) } };
  // Another place in the index each time.
  const moved = { owner: { S: `o${number % 3}` }, at: { N: String(number) } };
  if (number % 10 === 9) await request('DeleteItem', { TableName: 'things', Key: key });
  else await request('PutItem', { TableName: 'things', Item: { ...key, ...moved } });
  writeSync(1, `${number}\n`);
}
