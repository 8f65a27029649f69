import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { sendEvents, type PlacedLine } from './send-events.ts';

async function* someLines(count: number): AsyncGenerator<PlacedLine> {
  for (let line = 1; line <= count; line += 1) {
    yield await Promise.resolve({ text: '{}', origin: `events.ndjson:${String(line)}` });
  }
}

it('names the line of the file, not of the batch, when a line is rejected', async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const errors = [{ line: 2, code: 'INVALID_JSON', message: 'no' }];
      response.end(JSON.stringify({ accepted: 2, rejected: 1, errors }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${String(port)}`;
    const { errors } = await sendEvents(someLines(6), { url, key: 'key', batchSize: 3 });
    expect(errors.map(({ origin }) => origin)).toEqual(['events.ndjson:2', 'events.ndjson:5']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
