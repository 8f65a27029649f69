import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ConfigError } from '@vedette/service-kit';
import type { HttpServer } from '@vedette/service-kit';

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Vedette GraphiQL</title>
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <link rel="stylesheet" href="/graphiql/page.css" />
  </head>
  <body>
    <form id="sign-in">
      <strong>Vedette</strong>
      <label for="token">Access token</label>
      <input id="token" type="password" autocomplete="off" spellcheck="false" />
      <button>Use it</button>
      <span>Get one with <code>./vedette token operatorAnalyst</code>, or any other local principal.</span>
    </form>
    <main id="graphiql">Loading …</main>
    <script src="/graphiql/react.js"></script>
    <script src="/graphiql/react-dom.js"></script>
    <script src="/graphiql/graphiql.js"></script>
    <script src="/graphiql/page.js"></script>
  </body>
</html>
`;

const pageCss = `body { margin: 0; height: 100vh; display: flex; flex-direction: column; }
#sign-in { display: flex; flex-wrap: wrap; align-items: center; gap: 10px; padding: 8px 16px;
  font: 14px Roboto, sans-serif; color: #f4f6fa; background: #1f2a44; }
#sign-in strong { font-size: 16px; margin-right: 12px; }
#sign-in input { width: 260px; padding: 5px 8px; border: 0; border-radius: 4px; }
#sign-in button { padding: 5px 12px; border: 0; border-radius: 4px; cursor: pointer; }
#sign-in code { color: #ffd479; }
#graphiql { flex: 1; min-height: 0; }
`;

/** The token stays in this page's memory; what the headers editor says goes before it. */
const pageJs = `const root = ReactDOM.createRoot(document.getElementById('graphiql'));
const token = document.getElementById('token');

function show() {
  const headers = token.value ? { authorization: 'Bearer ' + token.value.trim() } : {};
  root.render(
    React.createElement(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: '/graphql', headers }),
      defaultQuery: '# Sign in above, then ask.\\n{\\n  viewer {\\n    role\\n  }\\n}\\n',
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
}

document.getElementById('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  show();
});
show();
`;

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
    ['', 'text/html', page],
    ['/page.css', 'text/css', pageCss],
    ['/page.js', script, pageJs],
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

const { resolve } = createRequire(import.meta.url);

/** Without the remark at its end that names a source map: there is none to fetch. */
function readInstalled(name: string, file: string): string {
  try {
    const folder = dirname(resolve(`${name}/package.json`));
    return readFileSync(join(folder, file), 'utf8').replace(
      /\n\/[/*]# sourceMappingURL=.*\s*$/,
      '\n',
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new ConfigError([`GRAPHIQL: '${name}' is not installed here`]);
  }
}
