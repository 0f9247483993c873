import { createServer } from 'node:http';

/** Where spans end: takes every export, and keeps nothing. */
const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200).end());
});
server.listen(Number(process.env.PORT), '127.0.0.1');
