import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServiceProcess, type ServiceProcess } from '../service-process.ts';
import { toIssuerUrl } from './application.ts';

export const openidProviderEntry = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface OpenidProviderOptions {
  /** The checkout, absolute. */
  readonly root: string;
  /** Holds its keys, and its log. */
  readonly dataDir: string;
  readonly port: number;
  readonly onLine: (name: string, line: string) => void;
  readonly onChange: () => void;
  readonly onProgress: (message: string) => void;
}

/** Starts the local OpenID provider and keeps it running; it answers a moment later. */
export function startOpenidProvider(options: OpenidProviderOptions): Promise<ServiceProcess> {
  const { root, dataDir, port, onLine, onChange, onProgress } = options;
  const url = `http://127.0.0.1:${port}`;
  return startServiceProcess({
    ...{ name: 'oidc', entry: openidProviderEntry, url, onLine, onChange, onProgress },
    args: ['--port', String(port), '--data-dir', dataDir],
    readyUrl: `${toIssuerUrl(url, 'operator')}/.well-known/openid-configuration`,
    env: {
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
      // It answers a few sign-ins an hour.
      NODE_OPTIONS: '--max-old-space-size=48 --max-semi-space-size=1',
    },
    logFile: join(dataDir, 'logs', 'oidc.log'),
  });
}
