// The OpenID provider of the local stack: one process with an issuer below each path.
import { createServer } from 'node:http';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { issuerNames } from '../people.ts';
import { toIssuerUrl } from './application.ts';
import { createIssuer, type Issuer } from './issuer.ts';
import { createSignInHandler } from './sign-in-handler.ts';
import { keepOpenidSecrets, keepSigningKey } from './secrets.ts';

const host = '127.0.0.1';

const { values } = parseArgs({
  options: { port: { type: 'string' }, 'data-dir': { type: 'string' } },
});
const { port = '', 'data-dir': dataDir = '' } = values;

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, () => process.exit(0));

const onError = (error: Error) => process.stderr.write(`${error.stack ?? error.message}\n`);
const { password, cookieKey } = await keepOpenidSecrets(dataDir);
const issuers = await Promise.all(
  issuerNames.map(async (name) => {
    const url = toIssuerUrl(`http://${host}:${port}`, name);
    const signingKey = await keepSigningKey(dataDir, name);
    return [name, createIssuer({ name, url, signingKey, cookieKey, onError })] as const;
  }),
);
const handle = createSignInHandler({
  host: `${host}:${port}`,
  issuers: new Map<string, Issuer>(issuers),
  password,
  onError,
});
createServer(handle).listen(Number(port), host);
