// A service as the process driver starts it. It answers who it is, and does wrong what its environment says.
import { createServer } from 'node:http';

const {
  PORT,
  NAME = '',
  LISTEN_AFTER_MS = '0',
  EXIT_AFTER_MS,
  IGNORE_SIGTERM,
  ANSWER_AFTER_MS = '0',
  BROKEN,
  AT_ONCE = '1000',
  RETRY_AFTER = '1',
} = process.env;

let effects = 0;
let underWay = 0;
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    if (request.url === '/health')
      return answer(response, BROKEN ? 503 : 200, { status: BROKEN ? 'broken' : 'ok' });
    if (request.url === '/under-way') return answer(response, 200, { underWay });
    if (request.method === 'POST') effects += 1;
    if (underWay >= Number(AT_ONCE)) {
      response.setHeader('retry-after', RETRY_AFTER);
      return answer(response, 429, { status: 'busy' });
    }
    underWay += 1;
    setTimeout(() => {
      underWay -= 1;
      answer(response, 200, { pid: process.pid, name: NAME, effects });
    }, Number(ANSWER_AFTER_MS));
  });
});

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

setTimeout(() => server.listen(Number(PORT), '127.0.0.1'), Number(LISTEN_AFTER_MS));
if (EXIT_AFTER_MS !== undefined) {
  console.log('about to end');
  setTimeout(() => process.exit(3), Number(EXIT_AFTER_MS));
}
process.on('SIGTERM', () => {
  if (IGNORE_SIGTERM) return;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
