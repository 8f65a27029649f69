import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ConfigError } from '@vedette/service-kit';
import type { HttpServer } from '@vedette/service-kit';

/** The page, its style, its script, and the operations that it opens with. */
const folder = join(import.meta.dirname, '../graphiql');

/** Scripts from here only. The editor sets styles on its elements, and its fonts are in its style sheet. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  'font-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/**
 * Serves GraphiQL on `/graphiql`: from the packages beside us, so that nothing is asked of another
 * host. For a developer's machine.
 * @throws {ConfigError} it is not installed, as in an installation for production
 */
export function addGraphiql(server: HttpServer): void {
  const script = 'text/javascript';
  const files = [
    ['', 'text/html', readOurs('page.html')],
    ['/', 'text/html', readOurs('page.html')],
    ['/icon.svg', 'image/svg+xml', readOurs('icon.svg')],
    ['/page.css', 'text/css', readOurs('page.css')],
    ['/page.js', script, readOurs('page.js')],
    ['/examples.json', 'application/json', JSON.stringify(readExamples())],
    ['/graphiql.css', 'text/css', readInstalled('graphiql', 'graphiql.min.css')],
    ['/graphiql.js', script, readInstalled('graphiql', 'graphiql.min.js')],
    ['/react.js', script, readInstalled('react', 'umd/react.production.min.js')],
    ['/react-dom.js', script, readInstalled('react-dom', 'umd/react-dom.production.min.js')],
  ] as const;
  for (const [path, type, body] of files) {
    server.get(`/graphiql${path}`, (_, reply) =>
      reply.headers(headers).type(`${type}; charset=utf-8`).send(body),
    );
  }
}

/** A tab that GraphiQL opens with. */
export interface Example {
  /** What it answers, in words. */
  readonly title: string;
  readonly query: string;
}

/** In the order of their files' names. */
export function readExamples(): Example[] {
  const files = readdirSync(join(folder, 'examples')).sort();
  return files.map((file) => {
    const query = readOurs(join('examples', file));
    return { title: /^# (.+)/.exec(query)?.[1] ?? file, query };
  });
}

function readOurs(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

const { resolve } = createRequire(import.meta.url);

/** Without the remark at its end that names a source map: there is none to fetch. */
function readInstalled(name: string, file: string): string {
  try {
    const installed = dirname(resolve(`${name}/package.json`));
    return readFileSync(join(installed, file), 'utf8').replace(
      /\n\/[/*]# sourceMappingURL=.*\s*$/,
      '\n',
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigError([`GRAPHIQL: '${name}' is not installed here`]);
  }
}
