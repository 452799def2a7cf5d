/**
 * The official DynamoDB Local as a process of its own, in memory: `java` ends with this process, and this process
 * with its parent. DynamoDB Local takes no port 0 and listens on every interface.
 */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';

const [folder, portText] = process.argv.slice(2);
const port = Number(portText);

const jar = ['-Djava.library.path=DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar'];
const options = ['-inMemory', '-disableTelemetry', '-port', String(port)];
const java = spawn('java', [...jar, ...options], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });

const end = () => java.kill('SIGKILL');
process.once('SIGTERM', end);
process.once('disconnect', end);
process.on('SIGINT', () => {}); // The terminal tells everybody; the parent decides when this process ends.
java.once('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
java.once('exit', (code) => process.exit(code ?? 0));

const answers = () =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 50));
process.send?.({ listening: port });
