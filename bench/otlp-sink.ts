/** A collector that accepts everything and keeps nothing. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reportReady } from './measured-process.ts';

const taken = { requests: 0, bytes: 0 };
const server = createServer((request, response) => {
  request.on('data', (piece: Buffer) => {
    taken.bytes += piece.length;
  });
  request.on('end', () => {
    taken.requests += 1;
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
server.listen(0, '127.0.0.1', () => reportReady((server.address() as AddressInfo).port, () => taken));
